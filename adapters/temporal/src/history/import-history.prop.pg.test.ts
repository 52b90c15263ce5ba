import { randomUUID } from 'node:crypto'
import { type Database, getExecution, getExecutionEvents } from '@steptrail/core'
import { openTestDatabase } from '@steptrail/testkit'
import fc from 'fast-check'
import { beforeAll, expect, it } from 'vitest'
import { HistoryMaker } from '../../test/history-maker.ts'
import { earlierOf } from './earlier-events.ts'
import type { EarlierEvents, History } from './history-event.ts'
import { importHistory, importPart, type ImportOptions } from './import-history.ts'
import { readHistory, readOn } from './read-history.ts'

let database: Database
beforeAll(async () => {
  database = await openTestDatabase('embedded')
})

const runs = Number(process.env['STEPTRAIL_PROPERTY_RUNS'] ?? 8)
const activity = fc.record({
  name: fc.constantFrom('reserve', 'charge', 'ship', 'release'),
  attempts: fc.integer({ min: 1, max: 4 }),
  ends: fc.constantFrom(undefined, 'failed', 'timedOut', 'canceled', 'open'),
})
const scenario = fc.record({
  activities: fc.array(activity, { maxLength: 5 }),
  isCancelled: fc.boolean(),
  end: fc.constantFrom('completed', 'failed', 'canceled', 'terminated', null),
  cuts: fc.array(fc.nat({ max: 60 }), { maxLength: 3 }),
  isReadOn: fc.boolean(),
})

type Scenario = typeof scenario extends fc.Arbitrary<infer Each> ? Each : never

const historyOf = ({ activities, isCancelled, end }: Scenario) => {
  const maker = new HistoryMaker(`order-${randomUUID()}`, randomUUID())
  activities.forEach(({ name, ends, ...given }, index) => {
    if (isCancelled && index === 1) maker.cancelRequested()
    maker.activity(name, { ...given, ...(ends && { ends }) })
  })
  if (end === 'completed') maker.completed()
  if (end === 'failed') maker.failed('no card')
  if (end === 'canceled') maker.event('workflowExecutionCanceled', {})
  if (end === 'terminated') maker.event('workflowExecutionTerminated', { reason: 'stuck', identity: '1@cli' })
  return maker
}

/** Reads a history on from where it was read to before. */
async function readInParts(maker: HistoryMaker, cuts: readonly number[], options: ImportOptions) {
  let earlier: EarlierEvents | null = null
  for (const cut of [...cuts.map((each) => Math.max(1, Math.min(each, maker.last))), maker.last].toSorted(
    (one, other) => one - other,
  )) {
    const events = maker.json(cut).events.slice(earlier?.through ?? 0)
    const source = { name: 'made' }
    const history: History = earlier ? readOn({ events }, source, earlier) : readHistory({ events }, source)
    await importPart(database, history, options)
    earlier = earlierOf(history)
  }
}

it('is on record once, whole and in order, in whatever pieces and however often a history comes', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async (given) => {
      const maker = historyOf(given)
      const undoes = { release: 'reserve' }
      const told = async (through?: number) =>
        await importHistory(database, readHistory(maker.json(through), { name: 'made' }), { undoes })
      if (given.isReadOn) await readInParts(maker, given.cuts, { undoes })
      else for (const cut of given.cuts) await told(Math.max(1, Math.min(cut, maker.last)))
      const { executionId } = await told()
      const events = await getExecutionEvents(database, executionId)
      const view = await getExecution(database, executionId)
      for (const cut of given.cuts)
        expect((await told(Math.max(1, Math.min(cut, maker.last)))).recorded).toBe(0)
      expect((await told()).recorded).toBe(0)
      expect(await getExecutionEvents(database, executionId)).toEqual(events)
      expect(events.map(({ executionSeq }) => executionSeq)).toEqual(events.map((_, index) => index + 1))
      const times = events.map(({ timestamp }) => timestamp)
      expect(times).toEqual([...new Set(times)].toSorted())
      expect(view.status === 'running' || view.status === 'rolling_back').toBe(given.end === null)
      const made = given.activities.map(({ ends, attempts }) => (ends === 'open' ? 0 : attempts))
      expect(view.steps.map(({ attempt }) => attempt)).toEqual(made)
    }),
    { numRuns: runs },
  )
})
