import { openDatabase } from '@steptrail/core'
import type { PostgresServer } from '@steptrail/testkit'
import type { BenchFindings, BenchResult } from '../bench-document.ts'
import { createMigrated, startServer } from '../server.ts'
import { median, rounded } from '../statistics.ts'
import { prepareTransitions } from './prepare-transitions.ts'

/** How much the bench measures. */
export interface TransitionBenchOptions {
  /** Rounds of each variant; the median counts. */
  readonly rounds: number
  /** Executions of five steps that are moved to their end in each round. */
  readonly executions: number
}

const withoutTrigger = 'alter table workflow_step_transitions disable trigger trg_step_result_audit'
const withoutEvents = `
  create function discard() returns trigger language plpgsql as 'begin return null; end';
  create trigger discard before insert on audit_event for each row execute function discard()`

/** What is taken away from a database of its own. */
const variants: Readonly<Record<string, readonly string[]>> = {
  full: [],
  'without trigger': [withoutTrigger],
  'without events': [withoutEvents],
  bare: [withoutTrigger, withoutEvents],
}

/**
 * What transitions cost: claims and reports in batches of fifty, on one connection, with nothing around them;
 * with everything, without the trigger that audits results, without events, and with neither. Rounds of the
 * variants alternate.
 */
export async function transitionBench(options: TransitionBenchOptions): Promise<BenchFindings> {
  await using server = await startServer()
  const prepared = await prepareVariants(server)
  const perSecond = new Map(prepared.map(({ name }) => [name, [] as number[]]))
  try {
    for (const { load } of prepared) await load.run(Math.ceil(options.executions / 4))
    for (let round = 0; round < options.rounds; round += 1) {
      for (const { name, load } of prepared) {
        const { transitions, elapsedMs } = await load.run(options.executions)
        perSecond.get(name)?.push(rounded((transitions * 1000) / elapsedMs))
      }
    }
  } finally {
    for (const { load } of prepared) await load.close()
  }
  const full = perSecond.get('full') ?? []
  return {
    results: [...perSecond].map(([variant, rounds]) => resultOf(variant, rounds)),
    ratios: Object.fromEntries(
      [...perSecond]
        .filter(([name]) => name !== 'full')
        .map(([name, rounds]) => [
          `transition/${name.replace(' ', '-')}`,
          rounded(median(full.map((own, round) => own / (rounds[round] ?? Number.NaN))), 2),
        ]),
    ),
  }
}

async function prepareVariants(server: PostgresServer) {
  const prepared = []
  for (const [name, statements] of Object.entries(variants)) {
    const url = await createMigrated(server, name.replace(' ', '_'))
    const database = await openDatabase({ url, maxConnections: 2 })
    for (const statement of statements) await database.query(statement)
    prepared.push({ name, load: await prepareTransitions(database) })
  }
  return prepared
}

const resultOf = (variant: string, rounds: readonly number[]): BenchResult => ({
  variant,
  transitionsPerSecond: median(rounds),
  microsecondsPerTransition: rounded(1_000_000 / median(rounds)),
  rounds,
})
