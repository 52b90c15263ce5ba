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
const stepsOfWorkflow = 5

/** The engines that have an adapter, and how many times the workflows of DBOS a round of theirs has. */
const engines = { dbos: 1, bullmq: 4, 'bullmq-on-redis': 16 } as const

type Engine = keyof typeof engines

/**
 * What an adapter costs its engine: the throughput of DBOS and of BullMQ with and without their adapters, each on one
 * server and one machine, in rounds that alternate. With it, triggers fire, steps are wrapped, and another process puts
 * everything on record at the same time, in another database of the same server. Every execution has to be whole on record
 * in the end.
 */
export async function adaptersBench(options: AdaptersBenchOptions): Promise<BenchFindings> {
  const dbos = await engineBench('dbos', options)
  const bullmq = await engineBench('bullmq', options)
  const onRedis = await redisBench(options)
  return {
    results: [...dbos.results, ...bullmq.results, ...onRedis.results],
    ratios: { ...dbos.ratios, ...bullmq.ratios, ...onRedis.ratios },
  }
}

/** Nothing where there is no Redis, which is said. */
async function redisBench(options: AdaptersBenchOptions): Promise<BenchFindings> {
  if (redisProgram() !== undefined) return await engineBench('bullmq-on-redis', options)
  process.stderr.write(`${redisMissing}\n`)
  return { results: [], ratios: {} }
}

async function engineBench(
  engine: Engine,
  { rounds, workflows }: AdaptersBenchOptions,
): Promise<BenchFindings> {
  await using server = await startServer()
  await using redis = engine === 'bullmq-on-redis' ? await openRedis() : null
  const plainUrl = redis ? `${redis.url}/0` : await createDatabase(server, 'plain')
  const adaptedUrl = redis ? `${redis.url}/1` : await createDatabase(server, 'adapted')
  const trailUrl = await createMigrated(server, 'trail')
  const program = new URL(engine === 'dbos' ? 'dbos-program.ts' : 'bullmq-program.ts', import.meta.url)
  await using plain = await Child.start(program, [plainUrl, String(connections)])
  await using adapted = await Child.start(program, [adaptedUrl, String(connections), 'adapted'])
  await using recorder = await Child.start(new URL('recorder-program.ts', import.meta.url), [
    engine,
    adaptedUrl,
    trailUrl,
  ])
  const load: Load = { runs: workflows * engines[engine], concurrency }
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
  return findingsOf(engine, load, pairs)
}

function findingsOf(engine: Engine, load: Load, pairs: readonly Pair[]): BenchFindings {
  const ratio = median(pairs.map((each) => each.plain.elapsedMs / each.adapted.elapsedMs))
  const recorded = median(pairs.map((each) => each.plain.elapsedMs / (each.adapted.elapsedMs + each.lagMs)))
  return {
    results: [
      resultOf(engine, { load, rounds: pairs.map((each) => each.plain) }),
      {
        ...resultOf(`${engine} with the adapter`, { load, rounds: pairs.map((each) => each.adapted) }),
        costPercent: rounded(100 * (1 - ratio)),
        lagMs: Math.round(median(pairs.map((each) => each.lagMs))),
      },
    ],
    ratios: {
      [`adapters/${engine}`]: rounded(ratio, 2),
      [`adapters/${engine}@recorded`]: rounded(recorded, 2),
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
  { load, rounds }: { readonly load: Load; readonly rounds: readonly LoopTimes[] },
): BenchResult {
  const perSecond = rounds.map(({ elapsedMs }) => rounded((load.runs * stepsOfWorkflow * 1000) / elapsedMs))
  const latencies = (share: number) =>
    rounded(median(rounds.map(({ latenciesMs }) => percentile(latenciesMs, share))))
  return {
    engine,
    concurrency: load.concurrency,
    workflows: load.runs,
    stepsPerSecond: median(perSecond),
    p50Ms: latencies(0.5),
    p99Ms: latencies(0.99),
    rounds: perSecond,
  }
}
