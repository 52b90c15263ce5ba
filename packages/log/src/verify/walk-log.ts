import type { Database, Query } from '@steptrail/core'
import {
  type Defect,
  equalBytes,
  hashLength,
  hexOf,
  LogWalk,
  tileWidth,
  type SignedTree,
  TiledTree,
  type TreePosition,
} from '@steptrail/verify'
import { nodeTreeHash } from '../key/node-sha256.ts'
import { tilesIn } from '../tree/read-tile.ts'
import type { TreeState } from '../tree/tree-state.ts'
import { readPrunedRanges } from './pruned-ranges.ts'
import { type ReadEntry, readEntries } from './read-entries.ts'
import { UpperTiles } from './upper-tiles.ts'

/** A walk through the entries of one log. */
export interface Walking {
  readonly tree: TreeState
  /** Signed trees, the smallest first; the walk ends at the last. */
  readonly signed: readonly SignedTree[]
  readonly start: TreePosition
  readonly batchSize: number
  readonly signal: AbortSignal | undefined
  readonly onProgress: (done: number) => void
}

/** What the walk found. */
export interface Walked {
  readonly defect: Defect | null
  readonly verified: number
  readonly dropped: number
  readonly erased: number
  readonly wholeFrom: number
  /** Where it was ended before its end; null when it was not. */
  readonly interruptedAt: TreePosition | null
}

/** Makes every leaf anew from its event, and compares the tree with each signed one on the way. */
export async function walkLog(database: Database, walking: Walking): Promise<Walked> {
  const { tree, start, signal, onProgress } = walking
  const upper = new UpperTiles(database.query, tree)
  const walk = new LogWalk(nodeTreeHash, start, (level, index) => upper.hashAt(level, index))
  const found = { verified: 0, dropped: 0, erased: 0, wholeFrom: start.size }
  const entriesOf = await entryReader(database.query, tree)
  const read = async ({ from, to }: Stretch) => {
    if (from === to) return []
    await upper.load(from, to)
    return await entriesOf({ from, to })
  }
  for await (const { of: stretch, entries } of readAhead(stretchesOf(walking), read)) {
    if (signal?.aborted && stretch.from < stretch.to)
      return { ...found, defect: upper.missing, interruptedAt: upper.missing ? null : walk.position }
    if ('kind' in entries) return { ...found, defect: entries, interruptedAt: null }
    for (const entry of entries) {
      walk.pass(entry)
      count(found, entry, walk.size)
    }
    onProgress(walk.size)
    const defect = stretch.end && walk.check(stretch.end)
    if (defect) return { ...found, defect: await named(database.query, tree, defect), interruptedAt: null }
  }
  return { ...found, defect: upper.missing, interruptedAt: null }
}

/** Reads entries. Where events are missing it asks once more what retention let go of, since that goes on meanwhile. */
async function entryReader(query: Query, tree: TreeState) {
  let pruned = await readPrunedRanges(query)
  return async (range: Pick<Stretch, 'from' | 'to'>): Promise<readonly ReadEntry[] | Defect> => {
    const entries = await readEntries(query, tree, { ...range, pruned })
    if ('kind' in entries || !entries.some(({ problem }) => problem?.kind === 'event_missing')) return entries
    pruned = await readPrunedRanges(query)
    return await readEntries(query, tree, { ...range, pruned })
  }
}

/** Entries that are read at once. */
interface Stretch {
  readonly from: number
  readonly to: number
  /** The signed tree that ends with them; null when they are on the way to one. */
  readonly end: SignedTree | null
}

function* stretchesOf({ start, signed, batchSize }: Walking): Generator<Stretch> {
  let from = start.size
  for (const end of signed.filter(({ size }) => size >= start.size)) {
    for (; from + batchSize < end.size; from += batchSize) yield { from, to: from + batchSize, end: null }
    yield { from, to: end.size, end }
    from = end.size
  }
}

/** While who asked looks at one, so many are read: one alone would leave gaps, in which its statements are planned. */
const stretchesAhead = 2

/** What is read for each, in order. */
async function* readAhead<Of, Entries>(
  all: Iterable<Of>,
  read: (of: Of) => Promise<Entries>,
): AsyncGenerator<{ readonly of: Of; readonly entries: Entries }> {
  const ahead: { readonly of: Of; readonly reading: Promise<Entries> }[] = []
  const next = async () => {
    const { of, reading } = ahead.shift() as (typeof ahead)[number]
    return { of, entries: await reading }
  }
  for (const of of all) {
    const reading = read(of)
    // Who goes away does not ask for it any more.
    reading.catch(() => undefined)
    ahead.push({ of, reading })
    if (ahead.length > stretchesAhead) yield await next()
  }
  while (ahead.length > 0) yield await next()
}

function count(found: Counts, entry: ReadEntry, size: number): void {
  if (entry.isDropped) found.wholeFrom = size
  found[entry.isDropped ? 'dropped' : 'verified'] += 1
  if (entry.isErased) found.erased += 1
}

type Counts = { -readonly [Key in 'verified' | 'dropped' | 'erased' | 'wholeFrom']: Walked[Key] }

/** An event that is not what its index was signed for may be what another index was signed for. */
async function named(query: Query, tree: TreeState, defect: Defect): Promise<Defect> {
  if (defect.kind !== 'event_altered') return defect
  const { index, eventId } = defect
  const entriesOf = await entryReader(query, tree)
  const entries = await entriesOf({ from: index, to: index + 1 })
  const leafHash = 'kind' in entries ? null : entries[0]?.leafHash
  const sealedAt = leafHash ? await indexOfLeaf(query, tree, leafHash) : null
  return sealedAt === null ? defect : { kind: 'entry_moved', index, eventId, sealedAt }
}

/** Where a log has a leaf; null when nowhere. */
async function indexOfLeaf(query: Query, tree: TreeState, leafHash: Uint8Array): Promise<number | null> {
  const { rows } = await query<{ tile_index: number; place: number }>(
    `select tile_index, position(decode($2, 'hex') in hashes) - 1 as place
     from log_tiles
     where log_id = $1
       and level = 0
       and position(decode($2, 'hex') in hashes) % 32 = 1
     order by tile_index
     limit 1`,
    [tree.logId, hexOf(leafHash)],
  )
  if (rows[0]) return rows[0].tile_index * tileWidth + rows[0].place / hashLength
  const partial = (tree.partialTiles[0] ?? []).findIndex((hash) => equalBytes(hash, leafHash))
  return partial < 0 ? null : Math.floor(tree.size / tileWidth) * tileWidth + partial
}

/** Where a walk begins that believes a signed tree: its edge, read from the tiles and compared with its root. */
export async function positionOf(
  query: Query,
  tree: TreeState,
  { size, root }: Pick<SignedTree, 'size' | 'root'>,
): Promise<TreePosition | null> {
  const tiled = new TiledTree(size, tilesIn(query, tree), nodeTreeHash)
  const found = await tiled.root()
  return Buffer.compare(found, root) === 0 ? { size, edge: await tiled.edge() } : null
}
