import { equalBytes } from '../bytes/bytes.ts'
import type { CheckpointSource, Defect } from '../defect.ts'
import { CompactTree, type TreePosition } from './compact-tree.ts'
import type { TreeHash } from './tree-hash.ts'
import { tileWidth } from './tiles.ts'

/** One entry of a log on the walk through it. */
export interface WalkedEntry {
  readonly eventId: string
  /** The hash of the leaf made from the event; null where the event went with its partition, by retention. */
  readonly leafHash: Uint8Array | null
  /** The hash that the log's tiles have for it. */
  readonly tileHash: Uint8Array
  /** What is wrong with it without a look at its hash, as that it is gone. */
  readonly problem?: Defect
}

/** A checkpoint whose signature holds. */
export interface SignedTree {
  readonly size: number
  readonly root: Uint8Array
  readonly source: CheckpointSource
}

/** A place where events and tiles differ: at the next checkpoint it shows which of them is not as signed. */
interface Difference {
  readonly index: number
  readonly entry: WalkedEntry
}

/**
 * Goes through the entries of a log, in order, and says at each signed checkpoint whether they are those that were
 * signed: else what the first one is that is not.
 */
export class LogWalk {
  /** By the hashes that the tiles have. */
  readonly #tiles: CompactTree
  /** By the events, from the first difference on. */
  #events: CompactTree | null = null
  readonly #differences: Difference[] = []
  #upperTile: Defect | null = null
  /** The last checkpoint that everything up to it was as signed in. */
  #signed: TreePosition
  readonly #upperHash: (level: number, index: number) => Uint8Array | null

  /**
   * @param from where to begin: a size and its edge, which are known to be as signed
   * @param upperHash the hash that a tile above the leaves has at a place of its level; null where there is none
   */
  constructor(
    hash: TreeHash,
    from: TreePosition,
    upperHash: (level: number, index: number) => Uint8Array | null = () => null,
  ) {
    this.#upperHash = upperHash
    this.#signed = from
    this.#tiles = new CompactTree(hash, from, (height, index, root) =>
      this.#compareUpper(height, index, root),
    )
  }

  /** Entries that it has gone through, and those before it began. */
  get size(): number {
    return this.#tiles.size
  }

  /**
   * Where another walk can go on: here, or, where something differs of which it is not decided yet what is wrong, at the last
   * checkpoint that was as signed, so that the other one comes upon it again.
   */
  get position(): TreePosition {
    const differs = this.#differences.length > 0 || this.#upperTile !== null
    return differs ? this.#signed : { size: this.#tiles.size, edge: this.#tiles.edge }
  }

  /** Goes past the next entry. */
  pass(entry: WalkedEntry): void {
    const { leafHash, tileHash, problem } = entry
    if (problem || (leafHash !== null && !equalBytes(leafHash, tileHash))) {
      this.#events ??= this.#tiles.copy()
      this.#differences.push({ index: this.size, entry })
    }
    this.#events?.append(leafHash ?? tileHash)
    this.#tiles.append(tileHash)
  }

  /** Compares with a checkpoint of the size that it has come to; null when everything up to here is as signed. */
  check({ root, source }: SignedTree): Defect | null {
    const tilesAreSigned = equalBytes(this.#tiles.root(), root)
    const [first] = this.#differences
    if (tilesAreSigned && first) {
      const { index, entry } = first
      return entry.problem ?? { kind: 'event_altered', index, eventId: entry.eventId }
    }
    if (tilesAreSigned) {
      this.#signed = { size: this.#tiles.size, edge: this.#tiles.edge }
      return this.#upperTile
    }
    if (first?.entry.problem) return first.entry.problem
    if (first && this.#events && equalBytes(this.#events.root(), root))
      return { kind: 'tile_altered', level: 0, tileIndex: Math.floor(first.index / tileWidth) }
    return { kind: 'root_mismatch', size: this.size, since: this.#signed.size, source }
  }

  #compareUpper(height: number, index: number, root: Uint8Array): void {
    if (height % 8 !== 0 || this.#upperTile !== null) return
    const level = height / 8
    const stored = this.#upperHash(level, index)
    if (stored === null || equalBytes(stored, root)) return
    this.#upperTile = { kind: 'tile_altered', level, tileIndex: Math.floor(index / tileWidth) }
  }
}
