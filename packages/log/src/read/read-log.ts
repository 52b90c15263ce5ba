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
import { tilesIn } from '../tree/read-tile.ts'
import { readTrees, type TreeState } from '../tree/tree-state.ts'
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
 * The proof that an event is in its log. Throws `event_not_sealed` for one that no checkpoint covers yet, or that is
 * not there.
 */
export async function proveInclusion(database: Database, eventId: string): Promise<InclusionProof> {
  const { rows } = await database.query<EntryOfEvent>(selectEntryOfEvent, [eventId])
  const [entry] = rows
  if (!entry) throw notSealed(eventId)
  const published = await publishedLog(database.query, entry)
  const proof = await proofIn(database.query, published, { eventId, index: entry.log_index })
  return { origin: entry.origin, index: entry.log_index, proof, sealedAt: entry.sealed_at }
}

const selectEntryOfEvent = {
  name: 'read the entry of an event',
  text: `
select tree.origin, entry.log_index, entry.sealed_at
from log_entries as entry
join log_trees as tree using (log_id)
where entry.event_id = $1`,
}

interface EntryOfEvent {
  readonly origin: string
  readonly log_index: number
  readonly sealed_at: string
}

/** The proof of one entry for the last checkpoint of its log. */
export async function proofIn(
  query: Query,
  { tree, checkpoint }: PublishedLog,
  { eventId, index }: { readonly eventId: string; readonly index: number },
): Promise<string> {
  const size = parseCheckpoint(checkpoint)?.checkpoint.size ?? 0
  if (index >= size) throw notSealed(eventId)
  const hashes = await new TiledTree(size, tilesIn(query, tree), nodeTreeHash).proveInclusion(index)
  return tlogProofText({ index, hashes, checkpoint })
}

/** For an event that has no proof yet. */
export const notSealed = (eventId: string): TrailError =>
  new TrailError(
    'event_not_sealed',
    `event ${eventId} is covered by no checkpoint yet: run \`steptrail seal\`, or wait for the sealer`,
    { details: { eventId } },
  )
