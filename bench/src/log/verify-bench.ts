import { hash } from 'node:crypto'
import { type Database, openDatabase } from '@steptrail/core'
import { proveInclusion, seal, verifyLogs } from '@steptrail/log'
import { CompactTree, fullRoot, hashLength, tileWidth, treeHash } from '@steptrail/verify'
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
const proofs = 2000
/** Proofs that are not counted: a server that serves them has served others. */
const warmUp = 1000

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
  await using other = await openDatabase({ url: await createMigrated(server, 'proofs') })
  const served = await servedProofs(other, logSize)
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

/** Milliseconds for a proof each, of entries anywhere in a log of ten million, which are made up, too. */
async function servedProofs(database: Database, logSize: number): Promise<readonly number[]> {
  await seal(database, sealingForBench())
  await makeUpTiles(database, logSize)
  const { rows } = await database.query<{ event_id: string }>(
    `insert into log_entries (log_id, log_index, event_id, event_timestamp)
     select 1, floor(tree_size * random()), gen_random_uuid(), now()
     from log_trees, generate_series(1, $1::int)
     on conflict do nothing
     returning event_id`,
    [proofs],
  )
  await database.query('vacuum analyze')
  await database.query('checkpoint')
  const times: number[] = []
  for (const { event_id: eventId } of rows) {
    const start = performance.now()
    await proveInclusion(database, eventId)
    times.push(performance.now() - start)
  }
  return times.slice(warmUp)
}

/** The tiles of a log of ten million entries, in which every tile of leaves has a first leaf of its own. */
async function makeUpTiles(database: Database, logSize: number): Promise<void> {
  let hashes: readonly Uint8Array[] = await makeUpLeafTiles(database, Math.floor(logSize / tileWidth))
  const partial = [Buffer.alloc(hashLength * (logSize % tileWidth), leafHash).toString('base64')]
  for (let level = 1; hashes.length > 0; level++) {
    const full = Math.floor(hashes.length / tileWidth)
    const tiles = Array.from({ length: full }, (_, index) =>
      hashes.slice(index * tileWidth, (index + 1) * tileWidth),
    )
    await database.query(
      `insert into log_tiles (log_id, level, tile_index, hashes)
       select 1, $1::int, place - 1, decode(hashes, 'base64')
       from unnest($2::text[]) with ordinality as tile(hashes, place)`,
      [level, tiles.map((tile) => Buffer.concat(tile).toString('base64'))],
    )
    partial.push(Buffer.concat(hashes.slice(full * tileWidth)).toString('base64'))
    hashes = tiles.map((tile) => fullRoot(tile, nodes))
  }
  await database.query(
    `update log_trees
     set tree_size = $1, checkpoint_size = $1, fence = fence + 1, partial_tiles = $2::text::jsonb,
         checkpoint = regexp_replace(checkpoint, E'\\n\\\\d+\\n', E'\\n' || $3 || E'\\n')`,
    [logSize, JSON.stringify(partial), String(logSize)],
  )
}

const nodes = treeHash((data) => hash('sha256', data, 'buffer'))
const leafHash = hash('sha256', 'leaf', 'buffer')

/** So many tiles of leaves; their roots. */
async function makeUpLeafTiles(database: Database, tiles: number): Promise<readonly Uint8Array[]> {
  await database.query(
    `insert into log_tiles (log_id, level, tile_index, hashes)
     select 1, 0, number, sha256(number::text::bytea) || decode(repeat($2, 255), 'hex')
     from generate_series(0, $1::bigint - 1) as number`,
    [tiles, leafHash.toString('hex')],
  )
  const others = Array.from({ length: 8 }, (_, height) => fullRoot(Array(2 ** height).fill(leafHash), nodes))
  return Array.from({ length: tiles }, (_, number) =>
    others.reduce<Uint8Array>(
      (root, other) => nodes.node(root, other),
      hash('sha256', String(number), 'buffer'),
    ),
  )
}
