import { randomUUID } from 'node:crypto'
import type { Database } from '@steptrail/core'
import { defaultRedaction, TrailError } from '@steptrail/event'
import { faultyDatabase, openTestDatabase } from '@steptrail/testkit'
import { expect, test } from 'vitest'
import { checkedEffectiveness } from './check-start.ts'
import { Decider } from './decider.ts'

test('executions that a database cannot be asked about fail together, and not one by one', async () => {
  let asked = 0
  const refuse = (): Promise<never> => {
    asked += 1
    return Promise.reject(new TrailError('database_unreachable', 'cannot connect'))
  }
  const database = await openTestDatabase('postgres')
  const away: Database = { ...faultyDatabase(database), query: refuse, transaction: refuse }
  const decider = new Decider(away, {
    serviceName: 'steptrail',
    redaction: defaultRedaction,
    effectiveness: checkedEffectiveness(undefined),
    random: Math.random,
  })
  const batch = Array.from({ length: 3 }, () => ({ executionId: randomUUID(), reports: [] }))
  const { decided, failed } = await decider.decideBatch(batch)
  expect(decided).toEqual([])
  expect(failed.map(({ executionId }) => executionId)).toEqual(batch.map(({ executionId }) => executionId))
  expect(asked).toBe(1)
})
