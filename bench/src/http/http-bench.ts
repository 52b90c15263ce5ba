import { createApiKey, openDatabase } from '@steptrail/core'
import type { BenchFindings } from '../bench-document.ts'
import { Child } from '../child.ts'
import { copyWay } from '../ingest/ingest-ways.ts'
import { createMigrated, startServer } from '../server.ts'
import { median, percentile, rounded } from '../statistics.ts'
import { pageLatencies, postWay, type Served } from './http-ways.ts'

/** How much the bench measures. */
export interface HttpBenchOptions {
  readonly rounds: number
  /** Events of each bulk in a round. */
  readonly events: number
  /** How often the first page of a list is asked for. */
  readonly pages: number
}

/**
 * Recording through one server process, with authentication and an answer for each event, against raw COPY into the same
 * table over one connection; and the first page of a filtered list while events come in without a pause.
 */
export async function httpBench({ rounds, events, pages }: HttpBenchOptions): Promise<BenchFindings> {
  await using server = await startServer()
  const url = await createMigrated(server, 'http')
  await using serving = await Child.start(new URL('server-program.ts', import.meta.url), [url])
  const served: Served = {
    url: await serving.ask<string>({ runs: 1, concurrency: 1 }),
    apiKey: await createKey(url),
  }
  await using copying = await copyWay(url)
  const ways = [postWay(served), copying]
  const rates = new Map(ways.map(({ name }) => [name, [] as number[]]))
  for (let round = -1; round < rounds; round++)
    for (const way of ways) {
      const rate = await way.eventsPerSecond(events)
      if (round >= 0) rates.get(way.name)?.push(rate)
    }
  const latencies = await pageLatencies(served, pages)
  const [http = [], copy = []] = ways.map(({ name }) => rates.get(name))
  const quotients = http.map((rate, round) => rate / (copy[round] ?? Number.NaN))
  return {
    results: [
      ...ways.map(({ name }) => ({
        what: name,
        events,
        eventsPerSecond: Math.round(median(rates.get(name) ?? [])),
        rounds: (rates.get(name) ?? []).map(Math.round),
      })),
      {
        what: 'first page',
        pages,
        p50Ms: rounded(percentile(latencies, 0.5)),
        p99Ms: rounded(percentile(latencies, 0.99)),
      },
    ],
    ratios: { 'http/copy': rounded(median(quotients), 2) },
  }
}

async function createKey(url: string): Promise<string> {
  await using database = await openDatabase({ url })
  const wanted = { name: 'bench', scopes: ['record', 'read'] } as const
  const { secret } = await createApiKey(database, wanted, { type: 'user', id: 'bench' })
  return secret
}
