import type { BinaryRow, Query } from '@steptrail/core'
import { type Defect, hashLength, tileWidth, type WalkedEntry } from '@steptrail/verify'
import { hasSalt, LeafHasher } from '../leaf/leaf-hasher.ts'
import { erasedPlaces, leafPlaces, leafValues, leafWidth } from '../leaf/leaf-members.ts'
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
  const byIndex = await readFound(query, [tree.logId, from, to])
  const entries: ReadEntry[] = []
  for (let index = from; index < to; index++) {
    const tile = tiles.get(Math.floor(index / tileWidth))
    const offset = (index % tileWidth) * hashLength
    if (tile === undefined || tile.length < offset + hashLength)
      return { kind: 'tile_missing', level: 0, tileIndex: Math.floor(index / tileWidth) }
    const tileHash = tile.subarray(offset, offset + hashLength)
    const found = byIndex.get(index)
    entries.push(entryAt(index, { found, tileHash, isPruned: pruned.has(tree.logId, index) }))
  }
  return entries
}

/** An entry with what there is of its event. */
interface Found {
  readonly index: number
  readonly eventId: string
  /** Null where there is no event. */
  readonly leafHash: Uint8Array | null
  readonly isErased: boolean
  /** There is another entry of this index, or another event of this id. */
  readonly isRepeated: boolean
}

async function readFound(
  query: Query,
  values: readonly [logId: number, from: number, to: number],
): Promise<ReadonlyMap<number, Found>> {
  const hasher = new LeafHasher()
  const take = (row: BinaryRow): Found => foundIn(row, hasher)
  const { rows } = await query<Found>({ text: selectEntries, take }, values)
  const byIndex = new Map<number, Found>()
  for (const found of rows)
    byIndex.set(found.index, byIndex.has(found.index) ? { ...found, isRepeated: true } : found)
  return byIndex
}

/** With `offset 0` each event is found by its key; else a planner that knows of few months reads one whole each time. */
const selectEntries = `
select event.*, entry.log_index, erasure.body_hash::text,
       case when event.id is null then entry.event_id end as missing_id
from log_entries as entry
left join lateral (
  select ${leafValues}
  from audit_event
  where id = entry.event_id
    and "timestamp" = entry.event_timestamp
  offset 0
) as event on true
left join log_erasures as erasure on erasure.event_id = entry.event_id
where entry.log_id = $1
  and entry.log_index >= $2::bigint
  and entry.log_index < $3::bigint`

/** Where in the row these are. */
const places = { index: leafWidth, bodyHash: leafWidth + 1, missingId: leafWidth + 2 } as const

function foundIn(row: BinaryRow, hasher: LeafHasher): Found {
  const eventId = row.uuid(leafPlaces.id)
  const bodyHash = row.text(places.bodyHash)
  const isThere = eventId !== null
  return {
    index: Number(row.bigint(places.index)),
    eventId: eventId ?? String(row.uuid(places.missingId)),
    leafHash: isThere ? (isWhole(row, bodyHash) ? hasher.leafHash(row, bodyHash) : noLeaf) : null,
    isErased: isThere && bodyHash !== null,
    isRepeated: false,
  }
}

/** Whether an event has its salt and, where its body was erased, nothing in place of the body. */
const isWhole = (row: BinaryRow, bodyHash: string | null): boolean =>
  hasSalt(row) &&
  (bodyHash === null || (bodyHash.length === 64 && erasedPlaces.every((place) => row.lengths[place] === -1)))

/** What no leaf has: for an event whose salt was taken away, or whose body was put in place of one that was erased. */
const noLeaf = new Uint8Array(hashLength)

interface Place {
  readonly found: Found | undefined
  readonly tileHash: Uint8Array
  readonly isPruned: boolean
}

function entryAt(index: number, { found, tileHash, isPruned }: Place): ReadEntry {
  const nothing = { tileHash, leafHash: null, isDropped: false, isErased: false }
  if (found === undefined) return { ...nothing, eventId: '', problem: { kind: 'entry_missing', index } }
  const { eventId, leafHash, isErased } = found
  if (found.isRepeated) return { ...nothing, eventId, problem: { kind: 'event_duplicated', index, eventId } }
  if (leafHash !== null) return { tileHash, eventId, isDropped: false, isErased, leafHash }
  if (isPruned) return { ...nothing, eventId, isDropped: true }
  return { ...nothing, eventId, problem: { kind: 'event_missing', index, eventId } }
}

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
