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
  return rows[0] ? treeOfRow(rows[0]) : null
}

/** Every log, the first one first. */
export async function readTrees(query: Query): Promise<readonly TreeState[]> {
  const { rows } = await query<TreeRow>({ name: 'read the logs', text: `${selectTree} order by log_id` })
  return rows.map(treeOfRow)
}

/** The partial tiles as the database keeps them. */
export const partialTilesJson = (tiles: TreeState['partialTiles']): string =>
  JSON.stringify(tiles.map((hashes) => Buffer.concat(hashes).toString('base64')))

/** A log as `treeColumns` selects it. */
export interface TreeRow {
  readonly log_id: number
  readonly origin: string
  readonly fence: number
  readonly tree_size: number
  readonly partial_tiles: unknown
  readonly feed_position: string | null
  readonly checkpoint: string | null
  readonly checkpoint_size: number
  readonly signed_at: string | null
  readonly predecessor: string | null
  readonly begun_at: string
  readonly ended_at: string | null
}

/** The list after `select` for a log, from `log_trees as tree`. */
export const treeColumns = `
tree.log_id, tree.origin, tree.fence, tree.tree_size, tree.partial_tiles, tree.feed_position, tree.checkpoint,
tree.checkpoint_size, tree.signed_at, tree.predecessor, tree.begun_at, tree.ended_at`

const selectTree = `select ${treeColumns} from log_trees as tree`

/** A log from its row. */
export const treeOfRow = (row: TreeRow): TreeState => ({
  logId: row.log_id,
  origin: row.origin,
  fence: row.fence,
  size: row.tree_size,
  partialTiles: listed(row.partial_tiles).map((tile) => hashesOf(Buffer.from(String(tile), 'base64'))),
  feedCursor: row.feed_position,
  checkpoint: row.checkpoint,
  checkpointSize: row.checkpoint_size,
  signedAt: row.signed_at,
  predecessor: row.predecessor,
  begunAt: row.begun_at,
  endedAt: row.ended_at,
})

/** What is no list holds no tile: whoever needs one says that it is missing. */
const listed = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
