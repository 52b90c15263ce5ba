import { openRedis, redisMissing, redisProgram } from '@steptrail/testkit'
import type { BenchFindings, BenchResult } from '../bench-document.ts'
import { Child } from '../child.ts'
import type { Load, LoopTimes } from '../closed-loop.ts'
import { createDatabase, createMigrated, startServer } from '../server.ts'
import { median, percentile, rounded } from '../statistics.ts'

/** How much the bench measures. */
export interface AdaptersBenchOptions {
  readonly rounds: number
  /** Workflows in a round. */
  readonly workflows: number
}

const connections = 20
const concurrency = 16

/** What is run on an engine, and how. */
interface Contestant {
  /** What the ratios are called. */
  readonly name: string
  readonly program: 'dbos-program.ts' | 'bullmq-program.ts'
  readonly backend: 'postgres' | 'redis'
  /** Steps of a workflow. None in a job of BullMQ, which has no steps of its own. */
  readonly steps: number
  /** How many times the workflows of DBOS a round has. */
  readonly times: number
}

const onBullmq = { program: 'bullmq-program.ts', backend: 'postgres' } as const
const onRedis = { program: 'bullmq-program.ts', backend: 'redis' } as const
const contestants: readonly Contestant[] = [
  { name: 'dbos', program: 'dbos-program.ts', backend: 'postgres', steps: 5, times: 1 },
  { name: 'bullmq', ...onBullmq, steps: 0, times: 4 },
  { name: 'bullmq-steps', ...onBullmq, steps: 5, times: 4 },
  { name: 'bullmq-on-redis', ...onRedis, steps: 0, times: 8 },
  { name: 'bullmq-on-redis-steps', ...onRedis, steps: 5, times: 8 },
]

/**
 * What an adapter costs its engine: the throughput of DBOS and of BullMQ with and without their adapters, each on one
 * server and one machine, in rounds that alternate. With it, triggers fire, processors and steps are wrapped, and another
 * process puts everything on record at the same time, in another database of the same server. Every execution has to be
 * whole on record in the end. What runs on Redis is left out where there is none, which is said.
 */
export async function adaptersBench(options: AdaptersBenchOptions): Promise<BenchFindings> {
  const hasRedis = redisProgram() !== undefined
  if (!hasRedis) process.stderr.write(`${redisMissing}\n`)
  const results: BenchResult[] = []
  const ratios: Record<string, number> = {}
  for (const contestant of contestants) {
    if (contestant.backend === 'redis' && !hasRedis) continue
    const findings = await engineBench(contestant, options)
    results.push(...findings.results)
    Object.assign(ratios, findings.ratios)
  }
  return { results, ratios }
}

/** Its start, its end, and two for each step; a job without steps has its attempt as one. */
const eventsOf = ({ steps }: Contestant): number => 2 + 2 * Math.max(steps, 1)

async function engineBench(
  contestant: Contestant,
  { rounds, workflows }: AdaptersBenchOptions,
): Promise<BenchFindings> {
  const { program, backend, steps, times } = contestant
  await using server = await startServer()
  await using redis = backend === 'redis' ? await openRedis() : null
  const plainUrl = redis ? `${redis.url}/0` : await createDatabase(server, 'plain')
  const adaptedUrl = redis ? `${redis.url}/1` : await createDatabase(server, 'adapted')
  const trailUrl = await createMigrated(server, 'trail')
  const start = (url: string, ...adapted: readonly string[]) =>
    Child.start(new URL(program, import.meta.url), [url, String(connections), String(steps), ...adapted])
  await using plain = await start(plainUrl)
  await using adapted = await start(adaptedUrl, 'adapted')
  await using recorder = await Child.start(new URL('recorder-program.ts', import.meta.url), [
    program === 'dbos-program.ts' ? 'dbos' : 'bullmq',
    adaptedUrl,
    trailUrl,
    String(eventsOf(contestant)),
  ])
  const load: Load = { runs: workflows * times, concurrency }
  const warmUp: Load = { runs: Math.ceil(load.runs / 4), concurrency }
  await plain.ask(warmUp)
  await adapted.ask(warmUp)
  await recorder.ask(load)
  const pairs: Pair[] = []
  for (let round = 0; round < rounds; round += 1)
    pairs.push(await pair(round, { plain, adapted, recorder, load }))
  const expected = warmUp.runs + rounds * load.runs
  const complete = await recorder.ask<number>(load)
  if (complete !== expected) throw new Error(`of ${expected} workflows ${complete} are whole on record`)
  return findingsOf(contestant, load, pairs)
}

function findingsOf({ name, steps }: Contestant, load: Load, pairs: readonly Pair[]): BenchFindings {
  const ratio = median(pairs.map((each) => each.plain.elapsedMs / each.adapted.elapsedMs))
  const recorded = median(pairs.map((each) => each.plain.elapsedMs / (each.adapted.elapsedMs + each.lagMs)))
  return {
    results: [
      resultOf(name, { load, steps, rounds: pairs.map((each) => each.plain) }),
      {
        ...resultOf(`${name} with the adapter`, { load, steps, rounds: pairs.map((each) => each.adapted) }),
        costPercent: rounded(100 * (1 - ratio)),
        lagMs: Math.round(median(pairs.map((each) => each.lagMs))),
      },
    ],
    ratios: {
      [`adapters/${name}`]: rounded(ratio, 2),
      [`adapters/${name}@recorded`]: rounded(recorded, 2),
    },
  }
}

interface Pair {
  readonly plain: LoopTimes
  readonly adapted: LoopTimes
  /** From the end of the load to the moment at which all of it was on record. */
  readonly lagMs: number
}

interface Contest {
  readonly plain: Child
  readonly adapted: Child
  readonly recorder: Child
  readonly load: Load
}

/** Which goes first changes from round to round; what one leaves to be recorded is recorded before the next begins. */
async function pair(round: number, { plain, adapted, recorder, load }: Contest): Promise<Pair> {
  const early = round % 2 === 0 ? await plain.ask<LoopTimes>(load) : undefined
  const laden = await adapted.ask<LoopTimes>(load)
  const sinceMs = performance.now()
  await recorder.ask(load)
  const lagMs = performance.now() - sinceMs
  return { plain: early ?? (await plain.ask<LoopTimes>(load)), adapted: laden, lagMs }
}

function resultOf(
  engine: string,
  {
    load,
    steps,
    rounds,
  }: { readonly load: Load; readonly steps: number; readonly rounds: readonly LoopTimes[] },
): BenchResult {
  const perSecond = rounds.map(({ elapsedMs }) => rounded((load.runs * 1000) / elapsedMs))
  const latencies = (share: number) =>
    rounded(median(rounds.map(({ latenciesMs }) => percentile(latenciesMs, share))))
  return {
    engine,
    concurrency: load.concurrency,
    workflows: load.runs,
    steps,
    workflowsPerSecond: rounded(median(perSecond)),
    p50Ms: latencies(0.5),
    p99Ms: latencies(0.99),
    rounds: perSecond,
  }
}
