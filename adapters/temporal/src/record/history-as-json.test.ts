import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js'
import { expect, it } from 'vitest'
import { HistoryMaker, payloadOf } from '../../test/history-maker.ts'
import { observationsOf, readHistory } from '../history/index.ts'
import { historyAsJson } from './history-as-json.ts'

it('what a client gives tells the same as what a tool exports', () => {
  const header = { fields: { 'steptrail-asked': payloadOf({ actor: { type: 'user', id: 'anna' } }) } }
  const maker = new HistoryMaker('order-17', '0199f0a5-7c1e-7d53-9f0b-5a4e3c2b1a09', { header })
  maker.activity('reserve').activity('charge', { attempts: 3, ends: 'failed' })
  maker.activity('charge', { attempts: 2, ends: 'timedOut' }).cancelRequested().failed('no card')
  const exported = maker.json()
  const fetched = historyAsJson(historyFromJSON(exported))
  expect(observationsOf(readHistory(fetched, { name: 'fetched' }))).toEqual(
    observationsOf(readHistory(exported, { name: 'exported' })),
  )
})
