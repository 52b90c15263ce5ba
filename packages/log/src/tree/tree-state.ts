import type { Query } from '@steptrail/core'
import { hashesOf } from '@steptrail/verify'

/** A log as the database has it. */
export interface TreeState {
  readonly logId: number
  readonly origin: string
  /** Grows with each change. */
  readonly fence: number
  readonly size: number
  /** For each level, from the leaves up, the hashes of its tile that is not full yet. */
  readonly partialTiles: readonly (readonly Uint8Array[])[]
  /** How far events have been taken; null before the first. */
  readonly feedCursor: string | null
  /** The last signed checkpoint; null before the first. */
  readonly checkpoint: string | null
  readonly checkpointSize: number
  /** ISO 8601; null before the first checkpoint. */
  readonly signedAt: string | null
  readonly predecessor: string | null
  readonly begunAt: string
  readonly endedAt: string | null
}

/** Whether to keep others from changing the log until the transaction ends. */
export type TreeLock = 'none' | 'for update'

/** The log that grows; null when none has begun. */
export async function readOpenTree(query: Query, lock: TreeLock = 'none'): Promise<TreeState | null> {
  const locking = lock === 'none' ? '' : 'for update'
  const { rows } = await query<TreeRow>(`${selectTree} where ended_at is null ${locking}`)
  return rows[0] ? stateOf(rows[0]) : null
}

/** Every log, the first one first. */
export async function readTrees(query: Query): Promise<readonly TreeState[]> {
  const { rows } = await query<TreeRow>({ name: 'read the logs', text: `${selectTree} order by log_id` })
  return rows.map(stateOf)
}

/** The partial tiles as the database keeps them. */
export const partialTilesJson = (tiles: TreeState['partialTiles']): string =>
  JSON.stringify(tiles.map((hashes) => Buffer.concat(hashes).toString('base64')))

interface TreeRow {
  readonly log_id: number
  readonly origin: string
  readonly fence: number
  readonly tree_size: number
  readonly partial_tiles: readonly string[]
  readonly feed_position: string | null
  readonly checkpoint: string | null
  readonly checkpoint_size: number
  readonly signed_at: string | null
  readonly predecessor: string | null
  readonly begun_at: string
  readonly ended_at: string | null
}

const selectTree = `
select log_id, origin, fence, tree_size, partial_tiles, feed_position, checkpoint, checkpoint_size, signed_at,
       predecessor, begun_at, ended_at
from log_trees`

const stateOf = (row: TreeRow): TreeState => ({
  logId: row.log_id,
  origin: row.origin,
  fence: row.fence,
  size: row.tree_size,
  partialTiles: row.partial_tiles.map((tile) => hashesOf(Buffer.from(tile, 'base64'))),
  feedCursor: row.feed_position,
  checkpoint: row.checkpoint,
  checkpointSize: row.checkpoint_size,
  signedAt: row.signed_at,
  predecessor: row.predecessor,
  begunAt: row.begun_at,
  endedAt: row.ended_at,
})
