import type { TreeHash } from './tree-hash.ts'
import { hashLength, Tile, type TileName, tileWidth } from './tiles.ts'

/** A full subtree: its height (0 is a leaf), and its place among those of its height. */
interface Subtree {
  readonly height: number
  readonly index: number
}

/** A tree of a size, of which every hash is found in tiles. What it reads is not verified: proofs are, by who gets them. */
export class TiledTree {
  readonly size: number
  readonly #read: (tile: TileName) => Promise<Uint8Array | Tile>
  readonly #hash: TreeHash
  readonly #known = new Map<string, Promise<Tile>>()

  /**
   * @param read a `TileReader`, or one that gives each tile as a `Tile`: who gives the same one again spares making what
   *   is within it
   */
  constructor(size: number, read: (tile: TileName) => Promise<Uint8Array | Tile>, hash: TreeHash) {
    this.size = size
    this.#read = read
    this.#hash = hash
  }

  /** The full subtrees at the right edge, the largest first, as `CompactTree` has them. */
  edge(): Promise<readonly Uint8Array[]> {
    return Promise.all(fullSubtrees(0, this.size).map((subtree) => this.#subtree(subtree)))
  }

  /** The root. */
  async root(): Promise<Uint8Array> {
    return this.size === 0 ? this.#hash.empty : this.#range(0, this.size)
  }

  /** The inclusion proof of RFC 6962, section 2.1.1: from the leaf's sibling up. Throws a `RangeError` for no leaf of the tree. */
  async proveInclusion(index: number): Promise<readonly Uint8Array[]> {
    if (!Number.isSafeInteger(index) || index < 0 || index >= this.size)
      throw new RangeError(`there is no leaf ${index} in a tree of ${this.size}`)
    const proof: Promise<Uint8Array>[] = []
    let [start, end] = [0, this.size]
    while (end - start > 1) {
      const middle = start + splitOf(end - start)
      if (index < middle) {
        proof.push(this.#range(middle, end))
        end = middle
      } else {
        proof.push(this.#range(start, middle))
        start = middle
      }
    }
    return (await Promise.all(proof)).toReversed()
  }

  /** The consistency proof of RFC 6962, section 2.1.2, from the tree of an earlier size. Throws a `RangeError` for a later one. */
  async proveConsistency(earlier: number): Promise<readonly Uint8Array[]> {
    if (!Number.isSafeInteger(earlier) || earlier < 0 || earlier > this.size)
      throw new RangeError(`a tree of ${this.size} did not grow from one of ${earlier}`)
    if (earlier === 0 || earlier === this.size) return []
    const proof: Promise<Uint8Array>[] = []
    let [start, end, known] = [0, this.size, true]
    while (earlier !== end) {
      const middle = start + splitOf(end - start)
      if (earlier <= middle) {
        proof.push(this.#range(middle, end))
        end = middle
      } else {
        proof.push(this.#range(start, middle))
        start = middle
        known = false
      }
    }
    if (!known) proof.push(this.#range(start, end))
    return (await Promise.all(proof)).toReversed()
  }

  async #range(start: number, end: number): Promise<Uint8Array> {
    const parts = await Promise.all(fullSubtrees(start, end).map((subtree) => this.#subtree(subtree)))
    return parts.reduceRight((right, left) => this.#hash.node(left, right))
  }

  async #subtree({ height, index }: Subtree): Promise<Uint8Array> {
    const level = Math.floor(height / 8)
    const inTile = tileWidth / 2 ** (height % 8)
    const tile = await this.#tile(level, Math.floor(index / inTile))
    return tile.node({ height: height % 8, index: index % inTile }, this.#hash)
  }

  #tile(level: number, index: number): Promise<Tile> {
    const name = `${level}/${index}`
    const known = this.#known.get(name) ?? this.#readTile(level, index)
    this.#known.set(name, known)
    return known
  }

  async #readTile(level: number, index: number): Promise<Tile> {
    const inLevel = Math.floor(this.size / tileWidth ** level)
    const width = Math.min(tileWidth, inLevel - index * tileWidth)
    const read = await this.#read({ level, index, width })
    const tile = read instanceof Tile ? read : new Tile(read)
    const bytes = tile.hashes
    if (bytes.length < width * hashLength)
      throw new RangeError(`tile ${level}/${index} has ${bytes.length} bytes, and not ${width * hashLength}`)
    return tile
  }
}

/** The largest power of two below a size of at least 2. */
function splitOf(size: number): number {
  let split = 1
  while (split * 2 < size) split *= 2
  return split
}

/** The full subtrees of which leaves `start` to `end` consist, the largest first; `start` begins a subtree of that size. */
function fullSubtrees(start: number, end: number): readonly Subtree[] {
  const subtrees: Subtree[] = []
  let from = start
  while (from < end) {
    let height = 0
    while (2 ** (height + 1) <= end - from) height += 1
    subtrees.push({ height, index: from / 2 ** height })
    from += 2 ** height
  }
  return subtrees
}
