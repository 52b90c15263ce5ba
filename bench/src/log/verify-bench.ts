import { hash } from 'node:crypto'
import { type Database, openDatabase } from '@steptrail/core'
import { proveInclusion, seal, verifyLogs } from '@steptrail/log'
import { CompactTree, treeHash } from '@steptrail/verify'
import type { BenchFindings, BenchResult } from '../bench-document.ts'
import { createMigrated, startServer } from '../server.ts'
import { median, percentile, rounded } from '../statistics.ts'
import { type Cost, costOf, insertStepEvents, sealingForBench } from './sealed-database.ts'

/** How much the bench measures. */
export interface VerifyBenchOptions {
  readonly events: number
  /** Entries of the log from which proofs are served. */
  readonly logSize: number
}

const leaves = 1_000_000
const proofs = 200

/**
 * How many events a second are verified from the database beside it, how many leaves a second the tree alone takes, and
 * how long it takes to serve an inclusion proof from a log of ten million entries, whose tiles are made up.
 */
export async function verifyBench({ events, logSize }: VerifyBenchOptions): Promise<BenchFindings> {
  await using server = await startServer()
  await using database = await openDatabase({ url: await createMigrated(server, 'verify') })
  const sealing = sealingForBench()
  await insertStepEvents(database, events)
  await seal(database, sealing)
  await database.query('vacuum analyze')
  const first = await verification(database, sealing)
  const again = [await verification(database, sealing), await verification(database, sealing)]
  const perSecond = median(again.map(({ seconds }) => events / seconds))
  const tree = treePerSecond()
  const served = await servedProofs(database, logSize)
  return {
    results: [
      verified('verify from the database', events, first),
      ...again.map((cost) => verified('verify it again', events, cost)),
      { what: 'the tree alone', events: leaves, perSecond: Math.round(tree) },
      {
        what: 'serve an inclusion proof',
        events: logSize,
        p50Ms: rounded(percentile(served, 0.5), 2),
        p99Ms: rounded(percentile(served, 0.99), 2),
      },
    ],
    ratios: {
      'verify/target@events': rounded(perSecond / 50_000, 2),
      'verify/target@tree': rounded(tree / 150_000, 2),
    },
  }
}

async function verification(
  database: Database,
  { memory }: ReturnType<typeof sealingForBench>,
): Promise<Cost<unknown>> {
  const cost = await costOf(database, () => verifyLogs(database, { memory }))
  if (cost.result.outcome !== 'verified') throw new Error(`verify says ${cost.result.outcome}`)
  return cost
}

const verified = (
  what: string,
  events: number,
  { seconds, ownCpu, databaseCpu }: Cost<unknown>,
): BenchResult => ({
  what,
  events,
  perSecond: Math.round(events / seconds),
  ownCpuSecondsPerMillion: rounded((ownCpu * 1e6) / events, 1),
  databaseCpuSecondsPerMillion: rounded((databaseCpu * 1e6) / events, 1),
})

function treePerSecond(): number {
  const tree = new CompactTree(treeHash((data) => hash('sha256', data, 'buffer')))
  const leaf = hash('sha256', 'leaf', 'buffer')
  const start = performance.now()
  for (let index = 0; index < leaves; index++) tree.append(leaf)
  tree.root()
  return (leaves / (performance.now() - start)) * 1000
}

/** Milliseconds for a proof each, of entries anywhere in a log of ten million. */
async function servedProofs(database: Database, logSize: number): Promise<readonly number[]> {
  await makeUpTiles(database, logSize)
  const { rows } = await database.query<{ event_id: string }>(
    'select event_id from log_entries order by random() limit $1',
    [proofs],
  )
  const times: number[] = []
  for (const { event_id: eventId } of rows) {
    const start = performance.now()
    await proveInclusion(database, eventId)
    times.push(performance.now() - start)
  }
  return times
}

/** Tiles of a log of ten million entries with hashes of nothing: how long a proof takes does not depend on them. */
async function makeUpTiles(database: Database, logSize: number): Promise<void> {
  for (let level = 0, count = logSize; count >= 256; level++, count = Math.floor(count / 256))
    await database.query(
      `insert into log_tiles (log_id, level, tile_index, hashes)
       select 1, $1::int, number, decode(repeat(md5(number::text), 512), 'hex')
       from generate_series(0, $2::bigint - 1) as number
       on conflict do nothing`,
      [level, Math.floor(count / 256)],
    )
  const partial = partialTilesOf(logSize)
  await database.query(
    `update log_trees
     set tree_size = $1, checkpoint_size = $1, fence = fence + 1, partial_tiles = $2::text::jsonb,
         checkpoint = regexp_replace(checkpoint, E'\\n\\\\d+\\n', E'\\n' || $3 || E'\\n')`,
    [logSize, JSON.stringify(partial), String(logSize)],
  )
}

function partialTilesOf(size: number): readonly string[] {
  const tiles: string[] = []
  for (let count = size; count > 0; count = Math.floor(count / 256))
    tiles.push(Buffer.alloc(32 * (count % 256), 7).toString('base64'))
  return tiles
}
