import type { TreeHash } from './tree-hash.ts'

/** A size, and the full subtrees at the right edge of a tree of that size, the largest first. */
export interface TreePosition {
  readonly size: number
  readonly edge: readonly Uint8Array[]
}

/** Told of the root of each subtree that becomes full: its height, at least 1, and its place among those. */
export type OnSubtree = (height: number, index: number, root: Uint8Array) => void

/**
 * A tree that only grows: of all its hashes it keeps those of the full subtrees at its right edge, one for each bit
 * of its size, the largest first.
 */
export class CompactTree {
  readonly #hash: TreeHash
  readonly #onSubtree: OnSubtree | undefined
  readonly #edge: Uint8Array[]
  #size: number

  /** A tree without leaves, or one that goes on from a size and its edge. */
  constructor(hash: TreeHash, from: TreePosition = empty, onSubtree?: OnSubtree) {
    if (from.edge.length !== bitsOf(from.size))
      throw new RangeError(`a tree of ${from.size} leaves has no edge of ${from.edge.length} subtrees`)
    this.#hash = hash
    this.#onSubtree = onSubtree
    this.#edge = [...from.edge]
    this.#size = from.size
  }

  get size(): number {
    return this.#size
  }

  /** The subtrees at the right edge, the largest first. */
  get edge(): readonly Uint8Array[] {
    return [...this.#edge]
  }

  /** Appends the hash of a leaf. */
  append(leafHash: Uint8Array): void {
    let hash = leafHash
    let height = 0
    for (let size = this.#size; size % 2 === 1; size = Math.floor(size / 2)) {
      const left = this.#edge.pop()
      if (left === undefined) throw new RangeError(`a tree of ${this.#size} leaves lost its edge`)
      hash = this.#hash.node(left, hash)
      height += 1
      this.#onSubtree?.(height, Math.floor(size / 2), hash)
    }
    this.#edge.push(hash)
    this.#size += 1
  }

  /** The root of the tree as it is. */
  root(): Uint8Array {
    return (
      this.#edge.reduceRight<Uint8Array | null>(
        (right, left) => (right === null ? left : this.#hash.node(left, right)),
        null,
      ) ?? this.#hash.empty
    )
  }

  /** Another tree that is the same, to grow on its own. */
  copy(): CompactTree {
    return new CompactTree(this.#hash, { size: this.#size, edge: this.#edge })
  }
}

const empty = { size: 0, edge: [] }

function bitsOf(size: number): number {
  let bits = 0
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) bits += rest % 2
  return bits
}
