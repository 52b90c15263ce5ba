import { openTestDatabase } from '@steptrail/testkit'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type AgedExecution, remains, writeAged, writeLate } from '../../test/aged-trail.ts'
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

/** An execution as the model has it: what it was drawn as, and the instants of what is left of it. */
interface Modelled extends AgedExecution {
  readonly id: string
  /** Events that it was written with, or 0 when they have gone. */
  readonly first: number
  /** Events that came later. */
  readonly late: readonly string[]
}

/** Retention said without a database: which months it has closed, and what is left. */
class Model {
  readonly #closed = new Set<string>()
  #executions: readonly Modelled[]

  constructor(executions: readonly Modelled[]) {
    this.#executions = executions
  }

  /** Whether an event may still come. */
  takes(instant: string): boolean {
    return !this.#closed.has(monthOf(instant))
  }

  add(place: number, instant: string): void {
    this.#executions = this.#executions.map((one, index) =>
      index === place ? { ...one, late: [...one.late, instant] } : one,
    )
  }

  run(at: number, rules: Rules): void {
    const goes = this.#executions.map((one) => isToGo(one, at, rules))
    this.#executions.forEach((one, index) => {
      if (goes[index]) for (const instant of instantsOf(one)) this.#closed.add(monthOf(instant))
    })
    this.#executions = this.#executions.map((one, index) =>
      goes[index] ? { ...one, first: 0, late: [] } : one,
    )
  }

  /** As `remains` counts them, without the rows of executions. */
  left(): readonly number[][] {
    return this.#executions.map(({ first, late }) => [first + late.length, first, Math.min(first, 1), first])
  }
}

const monthOf = (instant: string): string => instant.slice(0, 7)
const instantsOf = ({ first, events, late }: Modelled): readonly string[] => [
  ...events.slice(0, first),
  ...late,
]

function isToGo(one: Modelled, at: number, rules: Rules): boolean {
  const { workflow, tenant, actor, correlationId, live } = one
  const instants = instantsOf(one)
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
    instants.some(
      (instant) =>
        (match.workflow === undefined || match.workflow === workflow) &&
        (match.tenant === undefined || match.tenant === tenant) &&
        (match.actor === undefined || match.actor === actor) &&
        (match.correlationId === undefined || match.correlationId === correlationId) &&
        (match.from === undefined || instant >= match.from) &&
        (match.until === undefined || instant < match.until),
    ),
  )
  return live !== 'running' && !isHeld && instants.every((instant) => Date.parse(instant) < cutoff.getTime())
}

interface Rules {
  readonly policies: readonly RetentionPolicy[]
  readonly holds: readonly HoldMatch[]
}

/** Events that come after the first run, by the place of their execution. */
const lateEvents = fc.array(fc.record({ place: fc.nat(11), day }), { maxLength: 6 })

/** Runs retention, which does what a dry run said, and leaves what the model has. */
async function runBoth(database: Database, model: Model, { ids, now, rules }: Run): Promise<void> {
  const plan = await planRetention(database, { now })
  const result = await runRetention(database, { by, archive: null, now })
  expect(result.months).toEqual(plan.months)
  model.run(now, rules)
  expect((await remains(database, ids)).map((counts) => counts.slice(0, 4))).toEqual(model.left())
}

interface Run {
  readonly ids: readonly string[]
  readonly now: number
  readonly rules: Rules
}

it('retention leaves exactly what is young, running or held, whatever comes late and in whatever order of rules', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(execution, { minLength: 1, maxLength: 12 }),
      fc.uniqueArray(policy, { maxLength: 4, selector: ({ match }) => JSON.stringify(match) }),
      fc.array(hold, { maxLength: 2 }),
      fc.integer({ min: 100, max: 600 }),
      lateEvents,
      async (executions, policies, holds, days, late) => {
        const database = await openTestDatabase('postgres')
        const ids = await writeAged(database, executions)
        const model = new Model(
          executions.map((one, place) => ({
            ...one,
            id: ids[place] ?? '',
            first: one.events.length,
            late: [],
          })),
        )
        for (const each of policies) await setRetentionPolicy(database, each, given)
        const placed: string[] = []
        for (const match of holds) placed.push(await placeHold(database, match, given))
        const now = start + days * dayMs
        await runBoth(database, model, { ids, now, rules: { policies, holds } })
        for (const { place, day: lateDay } of late) {
          const [one, executionId] = [executions[place], ids[place]]
          if (!one || executionId === undefined) continue
          const timestamp = isoDay(lateDay)
          const written = writeLate(database, one, { executionId, timestamp })
          if (model.takes(timestamp)) {
            await written
            model.add(place, timestamp)
          } else await expect(written).rejects.toMatchObject({ code: 'event_expired' })
        }
        await runBoth(database, model, { ids, now: now + 40 * dayMs, rules: { policies, holds } })
        for (const holdId of placed) await releaseHold(database, holdId, given)
        await runBoth(database, model, { ids, now: now + 40 * dayMs, rules: { policies, holds: [] } })
      },
    ),
    { numRuns: Number(process.env['STEPTRAIL_PROPERTY_RUNS'] ?? 4) },
  )
}, 300_000)
