import { openTestDatabase } from '@steptrail/testkit'
import { expect, it } from 'vitest'
import type { Database } from '../database/database.ts'
import type { Observation, ObservedEngine } from './observation.ts'
import type { ObservationSource, SourceEntry } from './observation-source.ts'
import { ObservationRecorder } from './record-observations.ts'
import { SourceRecorder } from './source-recorder.ts'

const engine: ObservedEngine = {
  name: 'other',
  sourceId: '5a0c6d5e-9d0c-8f5e-8a1b-0c1d2e3f4a5c',
  capabilities: { perAttempt: true, actor: false, transactional: true, replaySafe: true, backfill: true },
}

interface Entry extends SourceEntry {
  readonly observation: Observation
}

/** An engine that keeps what happened in memory. */
function engineIn(database: Database, kept: Entry[]) {
  const refused: Entry[] = []
  const remove = (entries: readonly Entry[]) => {
    for (const entry of entries) kept.splice(kept.indexOf(entry), 1)
    return Promise.resolve()
  }
  const source: ObservationSource<Entry> = {
    recorder: new ObservationRecorder(database, { engine, serviceName: 'adapter' }),
    hold: () => Promise.resolve(true),
    confirm: () => Promise.resolve(),
    read: () => Promise.resolve([...kept]),
    observationsOf: (entries) => entries,
    remove,
    refuse: async (entry, reason) => {
      await remove([entry])
      refused.push(entry)
      return `${entry.id} is set aside: ${reason}`
    },
    end: () => Promise.resolve(),
  }
  return { refused, opening: { engine: 'Other', open: () => Promise.resolve(source) } }
}

const at = Date.now()

const started = (id: string): Entry => ({
  id,
  at,
  observation: {
    kind: 'started',
    execution: id,
    at,
    workflowName: 'order',
    workflowVersion: '1.0',
    correlationId: null,
    actor: null,
    inputDigest: null,
    isBackfilled: false,
  },
})

const ofNobody: Entry = {
  id: 'odd',
  at,
  observation: { kind: 'interrupted', execution: 'unknown', at, reason: 'gone' },
}

it.each([true, false])(
  'sets aside what the trail refuses, and goes on, whether anybody is told (%s)',
  async (isTold) => {
    const database = await openTestDatabase('embedded')
    const kept = [started('1'), ofNobody, started('2')]
    const { refused, opening } = engineIn(database, kept)
    const told: string[] = []
    const onTrouble = (message: string) => void told.push(message)
    await using recorder = new SourceRecorder(database, opening, isTold ? { onTrouble } : {})
    expect(await recorder.recordAll()).toBe(3)
    expect(kept).toEqual([])
    expect(refused).toEqual([ofNobody])
    expect(told).toEqual(isTold ? [expect.stringContaining('odd is set aside')] : [])
  },
)
