import type { Database, Query } from '@steptrail/core'
import { TrailError } from '@steptrail/event'
import {
  bundleOf,
  commitmentsOf,
  entryOf,
  parseCheckpoint,
  TiledTree,
  type TileName,
  tileWidth,
  tlogProofText,
} from '@steptrail/verify'
import { nodeSha256, nodeTreeHash } from '../key/node-sha256.ts'
import { knownTilesIn } from '../tree/known-tiles.ts'
import { tilesIn } from '../tree/read-tile.ts'
import { readTrees, treeColumns, treeOfRow, type TreeRow, type TreeState } from '../tree/tree-state.ts'
import { leafColumns, type StoredRow, storedRecordOf } from './leaf-row.ts'

/** A log whose checkpoint has been published. */
export interface PublishedLog {
  readonly tree: TreeState
  readonly checkpoint: string
}

/** Which log: by its origin, or the one that grows. */
export interface LogChoice {
  readonly origin?: string | undefined
}

/** A log with its last checkpoint. Throws `log_not_begun` where there is none, or no checkpoint yet. */
export async function publishedLog(query: Query, { origin }: LogChoice = {}): Promise<PublishedLog> {
  const trees = await readTrees(query)
  const tree = trees.find((one) => (origin === undefined ? one.endedAt === null : one.origin === origin))
  if (tree?.checkpoint) return { tree, checkpoint: tree.checkpoint }
  throw new TrailError(
    'log_not_begun',
    origin === undefined
      ? 'no checkpoint has been signed in this database yet: run `steptrail seal`'
      : `there is no log ${JSON.stringify(origin)} with a checkpoint; there are: ${trees.map((one) => one.origin).join(', ') || 'none'}`,
    { details: { origin: origin ?? null } },
  )
}

/** The last signed checkpoint of a log, as its C2SP note. */
export const readCheckpoint = async (database: Database, choice: LogChoice = {}): Promise<string> =>
  (await publishedLog(database.query, choice)).checkpoint

/**
 * The hashes of a tile of a log, as C2SP tlog-tiles has them; null where no checkpoint covers all of it. A tile of the
 * width asked for never changes.
 */
export async function readTile(
  database: Database,
  tile: TileName,
  choice: LogChoice = {},
): Promise<Uint8Array | null> {
  const { tree } = await publishedLog(database.query, choice)
  if (!isCovered(tree, tile)) return null
  return await tilesIn(database.query, tree)(tile)
}

/**
 * The entries of a bundle of a log, made anew from their events; null where no checkpoint covers all of it, or where an
 * event went with its partition.
 */
export async function readEntryBundle(
  database: Database,
  bundle: Omit<TileName, 'level'>,
  choice: LogChoice = {},
): Promise<Uint8Array | null> {
  const { tree } = await publishedLog(database.query, choice)
  if (!isCovered(tree, { ...bundle, level: 0 })) return null
  const start = bundle.index * tileWidth
  const { rows } = await database.query<StoredRow>(selectBundle, [tree.logId, start, start + bundle.width])
  if (rows.length < bundle.width) return null
  return bundleOf(rows.map((row) => entryOf(commitmentsOf(storedRecordOf(row), nodeSha256))))
}

const selectBundle = `
select erasure.body_hash, event.*
from log_entries as entry
cross join lateral (
  select ${leafColumns}
  from audit_event
  where id = entry.event_id
    and "timestamp" = entry.event_timestamp
) as event
left join log_erasures as erasure on erasure.event_id = entry.event_id
where entry.log_id = $1
  and entry.log_index >= $2::bigint
  and entry.log_index < $3::bigint
order by entry.log_index`

const isCovered = ({ checkpointSize }: TreeState, { level, index, width }: TileName): boolean =>
  level < 8 && (index * tileWidth + width) * tileWidth ** level <= checkpointSize

/** That a log grew from what it was. */
export interface ConsistencyProof {
  readonly origin: string
  readonly from: number
  /** Of the checkpoint. */
  readonly size: number
  /** As RFC 6962, section 2.1.2, orders them. */
  readonly hashes: readonly Uint8Array[]
  /** The last signed checkpoint. */
  readonly checkpoint: string
}

/** The proof that the last checkpoint of a log continues its first `from` entries. Throws `invalid_filter` for a later size. */
export async function proveGrowth(
  database: Database,
  from: number,
  choice: LogChoice = {},
): Promise<ConsistencyProof> {
  const { tree, checkpoint } = await publishedLog(database.query, choice)
  const { origin, checkpointSize: size } = tree
  if (from > size)
    throw new TrailError(
      'invalid_filter',
      `the filter from is ${from}, and ${origin} has ${size} entries under its last checkpoint: give at most that`,
      { details: { filter: 'from' } },
    )
  const hashes = await new TiledTree(size, tilesIn(database.query, tree), nodeTreeHash).proveConsistency(from)
  return { origin, from, size, hashes, checkpoint }
}

/** That an event is in a log. */
export interface InclusionProof {
  readonly origin: string
  readonly index: number
  /** A C2SP tlog-proof, with the checkpoint that it leads to. */
  readonly proof: string
  /** When the event was given its index (ISO 8601). */
  readonly sealedAt: string
}

/**
 * The proof that an event is in its log, from one look at the database once the tiles above the leaves are known. Throws
 * `event_not_sealed` for one that no checkpoint covers yet, or that is not there.
 */
export async function proveInclusion(database: Database, eventId: string): Promise<InclusionProof> {
  const { rows } = await database.query<EntryRow>(selectEntryWithTile, [eventId])
  const [row] = rows
  if (!row) throw notSealed(eventId)
  const [tree, index] = [treeOfRow(row), row.log_index]
  const { checkpoint } = tree
  const size = checkpoint === null ? 0 : (parseCheckpoint(checkpoint)?.checkpoint.size ?? 0)
  if (checkpoint === null || index >= size) throw notSealed(eventId)
  const leafTile = { index: Math.floor(index / tileWidth), hashes: row.hashes }
  const tiles = knownTilesIn(database.query, tree, leafTile)
  const hashes = await new TiledTree(size, tiles, nodeTreeHash).proveInclusion(index)
  const proof = tlogProofText({ index, hashes, checkpoint })
  return { origin: tree.origin, index, proof, sealedAt: row.sealed_at }
}

/** An entry, its log, and the full tile in which its leaf is, if it is in one. */
const selectEntryWithTile = {
  name: 'read the entry of an event with its tile',
  text: `
select ${treeColumns}, entry.log_index, entry.sealed_at, tile.hashes
from log_entries as entry
join log_trees as tree using (log_id)
left join log_tiles as tile on tile.log_id = entry.log_id and tile.level = 0 and tile.tile_index = entry.log_index >> 8
where entry.event_id = $1`,
}

interface EntryRow extends TreeRow {
  readonly log_index: number
  readonly sealed_at: string
  readonly hashes: Uint8Array | null
}

/** For an event that has no proof yet. */
export const notSealed = (eventId: string): TrailError =>
  new TrailError(
    'event_not_sealed',
    `event ${eventId} is covered by no checkpoint yet: run \`steptrail seal\`, or wait for the sealer`,
    { details: { eventId } },
  )
