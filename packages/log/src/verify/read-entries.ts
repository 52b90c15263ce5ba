import type { Query } from '@steptrail/core'
import {
  commitmentsOf,
  type Defect,
  entryOf,
  hashLength,
  tileWidth,
  type WalkedEntry,
} from '@steptrail/verify'
import { nodeSha256, nodeTreeHash } from '../key/node-sha256.ts'
import { leafColumns, type StoredRow, storedRecordOf } from '../read/leaf-row.ts'
import type { TreeState } from '../tree/tree-state.ts'
import type { PrunedRanges } from './pruned-ranges.ts'

/** One entry as the database has it now. */
export interface ReadEntry extends WalkedEntry {
  readonly isDropped: boolean
  readonly isErased: boolean
}

/** Which entries, and which of them retention let go of. */
export interface EntryRange {
  readonly from: number
  readonly to: number
  readonly pruned: PrunedRanges
}

/** The entries of a range, in order, each with its leaf made anew from its event and the hash that the tiles have. */
export async function readEntries(
  query: Query,
  tree: TreeState,
  { from, to, pruned }: EntryRange,
): Promise<readonly ReadEntry[] | Defect> {
  const tiles = await readLeafTiles(query, tree, { from, to })
  const { rows } = await query<EntryRow>(selectEntries, [tree.logId, from, to])
  const byIndex = new Map(rows.map((row) => [row.log_index, row]))
  const entries: ReadEntry[] = []
  for (let index = from; index < to; index++) {
    const tile = tiles.get(Math.floor(index / tileWidth))
    const offset = (index % tileWidth) * hashLength
    if (tile === undefined || tile.length < offset + hashLength)
      return { kind: 'tile_missing', level: 0, tileIndex: Math.floor(index / tileWidth) }
    const tileHash = tile.subarray(offset, offset + hashLength)
    entries.push(
      entryAt(index, { row: byIndex.get(index), tileHash, isPruned: pruned.has(tree.logId, index) }),
    )
  }
  return entries
}

type EntryRow = StoredRow & {
  readonly log_index: number
  readonly event_id: string
}

const selectEntries = `
select entry.log_index, entry.event_id, erasure.body_hash, event.*
from log_entries as entry
left join lateral (
  select ${leafColumns}
  from audit_event
  where id = entry.event_id
    and "timestamp" = entry.event_timestamp
) as event on true
left join log_erasures as erasure on erasure.event_id = entry.event_id
where entry.log_id = $1
  and entry.log_index >= $2::bigint
  and entry.log_index < $3::bigint`

interface Found {
  readonly row: EntryRow | undefined
  readonly tileHash: Uint8Array
  readonly isPruned: boolean
}

function entryAt(index: number, { row, tileHash, isPruned }: Found): ReadEntry {
  const nothing = { tileHash, leafHash: null, isDropped: false, isErased: false }
  if (row === undefined) return { ...nothing, eventId: '', problem: { kind: 'entry_missing', index } }
  const { event_id: eventId } = row
  if ((row.id as string | null) !== null)
    return {
      tileHash,
      eventId,
      isDropped: false,
      isErased: row.body_hash !== null,
      leafHash: leafHashOf(row),
    }
  if (isPruned) return { ...nothing, eventId, isDropped: true }
  return { ...nothing, eventId, problem: { kind: 'event_missing', index, eventId } }
}

const leafHashOf = (row: StoredRow): Uint8Array =>
  nodeTreeHash.leaf(entryOf(commitmentsOf(storedRecordOf(row), nodeSha256)))

/** The tiles of leaf hashes that a range lies in, by their index. */
async function readLeafTiles(
  query: Query,
  tree: TreeState,
  { from, to }: Pick<EntryRange, 'from' | 'to'>,
): Promise<ReadonlyMap<number, Uint8Array>> {
  const last = Math.floor((to - 1) / tileWidth)
  const { rows } = await query<{ tile_index: number; hashes: Uint8Array }>(
    `select tile_index, hashes
     from log_tiles
     where log_id = $1
       and level = 0
       and tile_index between $2::bigint and $3::bigint`,
    [tree.logId, Math.floor(from / tileWidth), last],
  )
  const tiles = new Map(rows.map((row) => [row.tile_index, row.hashes]))
  const partial = Math.floor(tree.size / tileWidth)
  if (partial <= last && !tiles.has(partial))
    tiles.set(partial, Buffer.concat([...(tree.partialTiles[0] ?? [])]))
  return tiles
}
