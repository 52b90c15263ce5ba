import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '@steptrail/core'
import { createSaga } from '@steptrail/saga'
import type { BenchFindings, BenchResult } from '../bench-document.ts'
import { Child } from '../child.ts'
import type { Load, LoopTimes } from '../closed-loop.ts'
import { createDatabase, createMigrated, startServer } from '../server.ts'
import { median, percentile, rounded } from '../statistics.ts'
import { runExecutions } from './run-executions.ts'
import { stepCount } from './workflow.ts'

/** How much the bench measures. */
export interface SagaBenchOptions {
  /** Rounds of each pair; the median counts. */
  readonly rounds: number
  /** Workflows in a round at the highest concurrency; fewer at the lower ones. */
  readonly workflows: number
}

const concurrencies = [1, 10, 50] as const
const dbosConnections = 20

/**
 * Five-step workflows with the whole trail on PostgreSQL, and the same on DBOS Transact on the same server, in
 * rounds that alternate, so that whatever else the machine does falls on both. Ratios are medians of the ratios
 * of the rounds.
 */
export async function sagaBench(options: SagaBenchOptions): Promise<BenchFindings> {
  const onServer = await benchOnServer(options)
  return { results: [...onServer.results, ...(await benchEmbedded(options))], ratios: onServer.ratios }
}

async function benchOnServer(options: SagaBenchOptions): Promise<BenchFindings> {
  await using server = await startServer()
  const ours = await createMigrated(server, 'ours')
  const dbosUrl = await createDatabase(server, 'dbos')
  await using dbos = await Child.start(new URL('dbos-program.ts', import.meta.url), [
    dbosUrl,
    String(dbosConnections),
  ])
  const results: BenchResult[] = []
  const ratios: Record<string, number> = {}
  for (const concurrency of concurrencies) {
    const load = loadOf(concurrency, options)
    const pairs = await alternate(options.rounds, {
      ours: await prepareOurs(ours, load),
      theirs: { run: () => dbos.ask<LoopTimes>(load), warmUp: () => dbos.ask(warmUpOf(load)) },
    })
    results.push(resultOf('steptrail', { load, rounds: pairs.map((pair) => pair.ours) }))
    results.push(resultOf('dbos', { load, rounds: pairs.map((pair) => pair.theirs) }))
    ratios[`saga/dbos@${concurrency}`] = rounded(
      median(pairs.map((pair) => pair.theirs.elapsedMs / pair.ours.elapsedMs)),
      2,
    )
  }
  return { results, ratios }
}

interface Contender {
  readonly warmUp: () => Promise<unknown>
  readonly run: () => Promise<LoopTimes>
  readonly close?: () => Promise<void>
}

/** The starter is this process, the worker another. */
async function prepareOurs(url: string, load: Load): Promise<Contender> {
  const database = await openDatabase({ url })
  const saga = await createSaga(database, { holdsClock: false })
  const worker = await Child.start(new URL('worker-program.ts', import.meta.url), [
    url,
    String(load.concurrency),
  ])
  return {
    warmUp: () => runExecutions(saga, warmUpOf(load)),
    run: () => runExecutions(saga, load),
    close: async () => {
      await worker.close()
      await saga.close()
      await database.close()
    },
  }
}

interface Pair {
  readonly ours: LoopTimes
  readonly theirs: LoopTimes
}

/** Which goes first changes from round to round. */
async function alternate(
  rounds: number,
  { ours, theirs }: { readonly ours: Contender; readonly theirs: Contender },
): Promise<readonly Pair[]> {
  await ours.warmUp()
  await theirs.warmUp()
  const pairs: Pair[] = []
  for (let round = 0; round < rounds; round += 1) {
    const early = round % 2 === 0 ? await ours.run() : undefined
    const other = await theirs.run()
    pairs.push({ ours: early ?? (await ours.run()), theirs: other })
  }
  await ours.close?.()
  return pairs
}

async function benchEmbedded(options: SagaBenchOptions): Promise<readonly BenchResult[]> {
  const directory = await mkdtemp(join(tmpdir(), 'steptrail-bench-'))
  try {
    await using child = await Child.start(new URL('embedded-program.ts', import.meta.url), [directory])
    const results: BenchResult[] = []
    for (const concurrency of concurrencies) {
      const load = loadOf(concurrency, options)
      await child.ask(warmUpOf(load))
      const rounds = [await child.ask<LoopTimes>(load)]
      results.push({ ...resultOf('steptrail', { load, rounds }), database: 'pglite' })
    }
    return results
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** Rounds of about the same length: what runs one at a time runs a tenth as often. */
const loadOf = (concurrency: number, { workflows }: SagaBenchOptions): Load => ({
  concurrency,
  runs: Math.max(1, Math.ceil(workflows * ({ 1: 0.1, 10: 0.6 }[concurrency] ?? 1))),
})

const warmUpOf = ({ runs, concurrency }: Load): Load => ({ concurrency, runs: Math.ceil(runs / 4) })

function resultOf(
  engine: string,
  { load, rounds }: { readonly load: Load; readonly rounds: readonly LoopTimes[] },
): BenchResult {
  const perSecond = rounds.map(({ elapsedMs }) => rounded((load.runs * stepCount * 1000) / elapsedMs))
  return {
    engine,
    database: 'postgres',
    concurrency: load.concurrency,
    workflows: load.runs,
    stepsPerSecond: rounded(median(perSecond)),
    p50Ms: rounded(median(rounds.map(({ latenciesMs }) => percentile(latenciesMs, 0.5)))),
    p99Ms: rounded(median(rounds.map(({ latenciesMs }) => percentile(latenciesMs, 0.99)))),
    rounds: perSecond,
  }
}
