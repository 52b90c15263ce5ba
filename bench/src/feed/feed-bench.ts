import { type Database, feedCursor, follow, openDatabase } from '@steptrail/core'
import pg from 'pg'
import type { BenchFindings, BenchResult } from '../bench-document.ts'
import { Child } from '../child.ts'
import { createMigrated, startServer } from '../server.ts'
import { percentile, rounded } from '../statistics.ts'

/** How much the bench measures. */
export interface FeedBenchOptions {
  /** Events recorded under each condition, each in a transaction of its own. */
  readonly events: number
}

const writers = 50
const pollIntervalMs = 10

/**
 * How long after the commit of an event a follower has it, while fifty writers in another process record; and
 * the same while a foreign transaction that has written stays open, which would stop a feed that waits for
 * old transactions. The ratios say how many times shorter the lag is without that transaction.
 */
export async function feedBench({ events }: FeedBenchOptions): Promise<BenchFindings> {
  await using server = await startServer()
  const url = await createMigrated(server, 'feed')
  await using database = await openDatabase({ url })
  await using recording = await Child.start(new URL('writers-program.ts', import.meta.url), [
    url,
    String(writers),
  ])
  await lagsOf(database, recording, Math.ceil(events / 4))
  const undisturbed = await lagsOf(database, recording, events)
  const disturbed = await whileOpen(url, () => lagsOf(database, recording, events))
  return {
    results: [resultOf('none', undisturbed), resultOf('open', disturbed)],
    ratios: {
      'feed/open@p50': rounded(percentile(disturbed, 0.5) / percentile(undisturbed, 0.5), 2),
      'feed/open@p99': rounded(percentile(disturbed, 0.99) / percentile(undisturbed, 0.99), 2),
    },
  }
}

/** Milliseconds from the writer's knowledge of its commit to the follower's of the event; 0 when that is first. */
async function lagsOf(database: Database, recording: Child, events: number): Promise<readonly number[]> {
  const seenMs = new Map<string, number>()
  const from = await feedCursor(database, 'now')
  const commits = recording.ask<readonly (readonly [string, number])[]>({
    runs: events,
    concurrency: writers,
  })
  for await (const batch of follow(database, { from, pollIntervalMs })) {
    const nowMs = performance.timeOrigin + performance.now()
    for (const { id } of batch.events) seenMs.set(id, nowMs)
    if (seenMs.size >= events) break
  }
  return (await commits).map(([id, ms]) => Math.max(0, (seenMs.get(id) ?? Number.NaN) - ms))
}

/** A transaction that has a number, as every one has that wrote something, and does not end. */
async function whileOpen<T>(url: string, work: () => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query('begin')
    await client.query('select pg_current_xact_id()')
    return await work()
  } finally {
    await client.query('rollback')
    await client.end()
  }
}

const resultOf = (foreignTransaction: string, lags: readonly number[]): BenchResult => ({
  foreignTransaction,
  writers,
  events: lags.length,
  p50Ms: rounded(percentile(lags, 0.5)),
  p99Ms: rounded(percentile(lags, 0.99)),
  maxMs: rounded(percentile(lags, 1)),
})
