import { openTestDatabase } from '@steptrail/testkit'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type AgedExecution, remains, writeAged } from '../../test/aged-trail.ts'
import type { Database } from '../database/database.ts'
import { type HoldMatch, placeHold, releaseHold } from './holds.ts'
import { planRetention } from './plan-retention.ts'
import { type RetentionPolicy, setRetentionPolicy } from './policies.ts'
import { runRetention } from './run-retention.ts'

const by = { type: 'user', id: 'olga' } as const
const given = { actor: by, reason: 'as drawn' }
const dayMs = 86_400_000
const start = Date.UTC(2025, 0, 1)
const name = fc.constantFrom('a', 'b', 'c')
const day = fc.integer({ min: 0, max: 500 })
const isoDay = (number: number): string => new Date(start + number * dayMs).toISOString()

const execution = fc
  .record({
    workflow: name,
    tenant: name,
    actor: name,
    correlationId: name,
    first: day,
    gaps: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 3 }),
    live: fc.constantFrom(undefined, 'ended' as const, 'running' as const),
  })
  .map(({ first, gaps, live, ...others }): AgedExecution & { readonly days: readonly number[] } => {
    const days = gaps.reduce((all, gap) => [...all, (all.at(-1) ?? 0) + gap], [first])
    return { ...others, days, events: days.map(isoDay), ...(live && { live }) }
  })

const policy = fc.record({
  match: fc.record({
    workflow: fc.option(name, { nil: undefined }),
    tenant: fc.option(name, { nil: undefined }),
  }),
  keepDays: fc.integer({ min: 1, max: 400 }),
})

const hold: fc.Arbitrary<HoldMatch> = fc.oneof(
  fc.record({ workflow: name }),
  fc.record({ actor: name, tenant: name }),
  fc.record({ correlationId: name, workflow: name }),
  fc
    .record({ from: day, length: fc.integer({ min: 1, max: 60 }) })
    .map(({ from, length }) => ({ from: isoDay(from), until: isoDay(from + length) })),
)

/** What retention has to do, said without a database. */
function goes(one: AgedExecution, at: number, rules: Rules): boolean {
  const { workflow, tenant, actor, correlationId, events, live } = one
  const matching = rules.policies.filter(
    ({ match }) =>
      (match.workflow === undefined || match.workflow === workflow) &&
      (match.tenant === undefined || match.tenant === tenant),
  )
  const keepDays = matching.length === 0 ? 90 : Math.max(...matching.map((each) => each.keepDays))
  const cutoff = new Date(at - keepDays * dayMs)
  cutoff.setUTCDate(1)
  cutoff.setUTCHours(0, 0, 0, 0)
  const isHeld = rules.holds.some((match) =>
    events.some(
      (instant) =>
        (match.workflow === undefined || match.workflow === workflow) &&
        (match.tenant === undefined || match.tenant === tenant) &&
        (match.actor === undefined || match.actor === actor) &&
        (match.correlationId === undefined || match.correlationId === correlationId) &&
        (match.from === undefined || instant >= match.from) &&
        (match.until === undefined || instant < match.until),
    ),
  )
  return live !== 'running' && !isHeld && Date.parse(events.at(-1) ?? '') < cutoff.getTime()
}

interface Rules {
  readonly policies: readonly RetentionPolicy[]
  readonly holds: readonly HoldMatch[]
}

/** Runs retention, and gives what is left of each execution in events. */
async function after(database: Database, ids: readonly string[], now: number): Promise<readonly number[]> {
  const plan = await planRetention(database, { now })
  const result = await runRetention(database, { by, archive: null, now })
  expect(result.months).toEqual(plan.months)
  return (await remains(database, ids)).map(([events = 0, transitions, audits, results]) => {
    expect([transitions, audits, results]).toEqual(events === 0 ? [0, 0, 0] : [events, 1, events])
    return events
  })
}

it('retention leaves exactly what is young, running or held, at any time and in any order of rules', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(execution, { minLength: 1, maxLength: 12 }),
      fc.uniqueArray(policy, { maxLength: 4, selector: ({ match }) => JSON.stringify(match) }),
      fc.array(hold, { maxLength: 2 }),
      fc.integer({ min: 100, max: 600 }),
      async (executions, policies, holds, days) => {
        const database = await openTestDatabase('postgres')
        const ids = await writeAged(database, executions)
        for (const each of policies) await setRetentionPolicy(database, each, given)
        const placed: string[] = []
        for (const match of holds) placed.push(await placeHold(database, match, given))
        const now = start + days * dayMs
        const left = (rules: Rules): readonly number[] =>
          executions.map((one) => (goes(one, now, rules) ? 0 : one.events.length))
        expect(await after(database, ids, now)).toEqual(left({ policies, holds }))
        for (const holdId of placed) await releaseHold(database, holdId, given)
        expect(await after(database, ids, now)).toEqual(left({ policies, holds: [] }))
      },
    ),
    { numRuns: Number(process.env['STEPTRAIL_PROPERTY_RUNS'] ?? 4) },
  )
}, 300_000)
