import { migrate, openDatabase } from '@steptrail/core'
import type { BenchFindings, BenchResult } from '../bench-document.ts'
import { createMigrated, startServer } from '../server.ts'
import { median, rounded } from '../statistics.ts'
import { copyWay, insertWay, type IngestWay, recorderWay, tensWay } from './ingest-ways.ts'

/** How much the bench measures. */
export interface IngestBenchOptions {
  readonly rounds: number
  /** Events of each bulk in a round. */
  readonly events: number
}

/**
 * Durable ingest into the real table with its indexes: objects through a recorder over two connections, against raw
 * COPY of text that was formatted beforehand over one, against one INSERT for each event, and against ten events
 * every tenth of a second. On PostgreSQL, and without COPY, which is not to be had through the pool there, on PGlite.
 */
export async function ingestBench(options: IngestBenchOptions): Promise<BenchFindings> {
  const onServer = await ingestOnServer(options)
  const embedded = await ingestEmbedded({ ...options, events: Math.ceil(options.events / 5) })
  return {
    results: [...onServer.results, ...embedded.results],
    ratios: { ...onServer.ratios, ...embedded.ratios },
  }
}

async function ingestOnServer(options: IngestBenchOptions): Promise<BenchFindings> {
  await using server = await startServer()
  const url = await createMigrated(server, 'ingest')
  await using two = await openDatabase({ url, maxConnections: 2 })
  await using copying = await copyWay(url)
  const ways = [recorderWay(two), copying, insertWay(two), tensWay(two)]
  return await compare('postgres', ways, options)
}

async function ingestEmbedded(options: IngestBenchOptions): Promise<BenchFindings> {
  await using database = await openDatabase({ dataDir: 'memory://' })
  await migrate(database)
  return await compare('embedded', [recorderWay(database), insertWay(database), tensWay(database)], options)
}

async function compare(
  databaseKind: 'postgres' | 'embedded',
  ways: readonly IngestWay[],
  { rounds, events }: IngestBenchOptions,
): Promise<BenchFindings> {
  const rates = new Map(ways.map(({ name }) => [name, [] as number[]]))
  for (let round = -1; round < rounds; round++)
    for (const way of ways) {
      const rate = await way.eventsPerSecond(Math.ceil(events * way.share))
      if (round >= 0) rates.get(way.name)?.push(rate)
    }
  const ours = rates.get('recorder') ?? []
  const suffix = databaseKind === 'postgres' ? '' : '@embedded'
  return {
    results: ways.map(({ name, share }) =>
      resultOf(databaseKind, name, {
        events: Math.ceil(events * share),
        rates: rates.get(name) ?? [],
      }),
    ),
    ratios: Object.fromEntries(
      ways
        .filter(({ name }) => name !== 'recorder')
        .map(({ name }) => {
          const theirs = rates.get(name) ?? []
          const quotients = ours.map((rate, round) => rate / (theirs[round] ?? Number.NaN))
          return [`ingest/${name}${suffix}`, rounded(median(quotients), 2)]
        }),
    ),
  }
}

const resultOf = (
  database: string,
  way: string,
  { events, rates }: { readonly events: number; readonly rates: readonly number[] },
): BenchResult => ({
  database,
  way,
  events,
  eventsPerSecond: Math.round(median(rates)),
  rounds: rates.map((rate) => Math.round(rate)),
})
