import { type Database, type Query, readFeedRows } from '@steptrail/core'
import { TrailError } from '@steptrail/event'
import { nodeTreeHash } from '../key/node-sha256.ts'
import { LeafBatch, leavesOfFeed } from '../leaf/leaf-batch.ts'
import { growTree } from '../tree/grow.ts'
import { partialTilesJson, readOpenTree, type TreeState } from '../tree/tree-state.ts'

/** What a step of sealing did. */
export interface Integrated {
  /** Events that got their index. */
  readonly sealed: number
  /** Leaves in the tree now, as far as this sealer knows. */
  readonly size: number
  /** Whether there may be more to seal at once. */
  readonly isFull: boolean
}

/**
 * Takes the next committed events into the log: gives them their index and appends their leaves, in one transaction
 * that compares the log with what it was when the events were read. Another sealer that was faster has sealed the
 * same events, so then this one has sealed none.
 */
export async function integrate(
  database: Database,
  tree: TreeState,
  { batchSize = 10_000 }: { readonly batchSize: number | undefined },
): Promise<Integrated> {
  try {
    return await take(database, tree, await readUnsealed(database, tree, batchSize))
  } catch (error) {
    if (!isSealedBefore(error)) throw error
    return await take(
      database,
      tree,
      await readLeaves(database, tree.feedCursor, { batchSize, condition: notInLog }),
    )
  }
}

/**
 * An event of a dump that was restored here is sealed while the log catches up; it comes once more when the transaction is
 * there that it has the number of.
 */
const isSealedBefore = (error: unknown): boolean =>
  error instanceof Error && 'constraint' in error && error.constraint === 'an_event_is_sealed_once'

async function take(
  database: Database,
  tree: TreeState,
  { leaves, cursor, isFull, isCatchingUp }: Awaited<ReturnType<typeof readLeaves>>,
): Promise<Integrated> {
  const { length } = leaves.hashes
  if (length === 0 && !isCatchingUp && !isFull) return { sealed: 0, size: tree.size, isFull: false }
  const written = await database.transaction((tx) => append(tx, tree, { leaves, cursor }))
  return written
    ? { sealed: length, size: tree.size + length, isFull }
    : { sealed: 0, size: tree.size, isFull: true }
}

/** After a restore or a move, positions mean nothing: then every event is looked at, and those in the log passed over. */
async function readUnsealed(database: Database, { feedCursor }: TreeState, batchSize: number) {
  try {
    return await readLeaves(database, feedCursor, { batchSize })
  } catch (error) {
    if (!(error instanceof TrailError && meansNothing.includes(error.code))) throw error
    return await readLeaves(database, null, { batchSize })
  }
}

const meansNothing: readonly string[] = ['feed_generation_changed', 'invalid_cursor']

async function readLeaves(
  database: Database,
  cursor: string | null,
  { batchSize, condition }: { readonly batchSize: number; readonly condition?: string },
) {
  const leaves = new LeafBatch()
  const projection = { ...leavesOfFeed(leaves), ...(condition && { condition }) }
  const request = { projection, whileCatchingUp: notInLog, batchSize, cursor }
  const { items, ...page } = await readFeedRows(database, request)
  if (items.length !== leaves.hashes.length)
    throw new Error(`the feed gave ${items.length} events, and ${leaves.hashes.length} were taken`)
  return { leaves, ...page }
}

const notInLog = 'not exists (select from log_entries as entry where entry.event_id = audit_event.id)'

/** Leaves with the position after them. */
export interface Appending {
  readonly leaves: LeafBatch
  readonly cursor: string | null
}

/** Appends them if the log is as it was; false when it is not. */
export async function append(tx: Query, tree: TreeState, { leaves, cursor }: Appending): Promise<boolean> {
  // What is remembered outside must not be ahead of what survives a crash of the database.
  await tx(`set local synchronous_commit = on`)
  const locked = await readOpenTree(tx, 'for update')
  if (locked?.logId !== tree.logId || locked.fence !== tree.fence) return false
  const grown = growTree(tree, leaves.hashes, nodeTreeHash)
  await tx(insertEntries, [tree.logId, tree.size - 1, ...leaves.parameters])
  if (grown.fullTiles.length > 0)
    await tx(insertTiles, [
      tree.logId,
      grown.fullTiles.map(({ level }) => level),
      grown.fullTiles.map(({ index }) => index),
      grown.fullTiles.map(({ hashes }) => Buffer.from(hashes).toString('base64')),
    ])
  const { rowCount } = await tx(updateTree, [
    tree.logId,
    tree.fence,
    grown.size,
    partialTilesJson(grown.partialTiles),
    cursor,
  ])
  return rowCount === 1
}

const insertEntries = `
insert into log_entries (log_id, log_index, event_id, event_timestamp, sealed_at)
select $1::int, $2::bigint + place, event_id, event_timestamp, statement_timestamp()
from unnest($3::uuid[], $4::timestamptz[]) with ordinality as sealed(event_id, event_timestamp, place)`

const insertTiles = `
insert into log_tiles (log_id, level, tile_index, hashes)
select $1::int, level, tile_index, decode(hashes, 'base64')
from unnest($2::int[], $3::bigint[], $4::text[]) as tile(level, tile_index, hashes)`

const updateTree = `
update log_trees
set tree_size = $3::bigint, partial_tiles = $4::text::jsonb, feed_position = $5, fence = fence + 1
where log_id = $1
  and fence = $2`
