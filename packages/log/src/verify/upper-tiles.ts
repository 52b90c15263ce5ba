import type { Query } from '@steptrail/core'
import { type Defect, hashLength, tileWidth } from '@steptrail/verify'
import type { TreeState } from '../tree/tree-state.ts'

/** The tiles above the leaves, as far as a walk has need of them. */
export class UpperTiles {
  readonly #query: Query
  readonly #tree: TreeState
  readonly #tiles = new Map<string, Uint8Array | null>()
  #missing: Defect | null = null

  constructor(query: Query, tree: TreeState) {
    this.#query = query
    this.#tree = tree
  }

  /** Reads those that the leaves of a range belong to. */
  async load(from: number, to: number): Promise<void> {
    for (let level = 1; tileWidth ** level <= this.#tree.size; level++) {
      const span = tileWidth ** (level + 1)
      for (let index = Math.floor(from / span); index <= Math.floor((to - 1) / span); index++)
        if (!this.#tiles.has(`${level}/${index}`))
          this.#tiles.set(`${level}/${index}`, await this.#read(level, index))
    }
  }

  /** The hash at a place of a level; null where there is none. */
  hashAt(level: number, index: number): Uint8Array | null {
    const tileIndex = Math.floor(index / tileWidth)
    const tile = this.#tiles.get(`${level}/${tileIndex}`)
    const offset = (index % tileWidth) * hashLength
    if (tile && tile.length >= offset + hashLength) return tile.subarray(offset, offset + hashLength)
    this.#missing ??= { kind: 'tile_missing', level, tileIndex }
    return null
  }

  /** A tile that the walk had need of and that was not there; null when there is none. */
  get missing(): Defect | null {
    return this.#missing
  }

  async #read(level: number, index: number): Promise<Uint8Array | null> {
    const { rows } = await this.#query<{ hashes: Uint8Array }>(
      'select hashes from log_tiles where log_id = $1 and level = $2 and tile_index = $3',
      [this.#tree.logId, level, index],
    )
    if (rows[0]) return rows[0].hashes
    const isPartial = (index + 1) * tileWidth ** (level + 1) > this.#tree.size
    return isPartial ? Buffer.concat([...(this.#tree.partialTiles[level] ?? [])]) : null
  }
}
