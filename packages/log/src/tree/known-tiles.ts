import type { Query } from '@steptrail/core'
import { equalBytes, hexOf, Tile, type TileName, tileWidth } from '@steptrail/verify'
import { nodeTreeHash } from '../key/node-sha256.ts'
import { isFullTile, tilesIn } from './read-tile.ts'
import type { TreeState } from './tree-state.ts'

/**
 * Full tiles above the leaves, by their root, with the hashes within them: those that were used last. What has a root is
 * that tile in any log and any database, so nothing that is kept here can have become wrong.
 */
class KnownTiles {
  readonly #byRoot = new Map<string, Tile>()

  get(root: string): Tile | undefined {
    const tile = this.#byRoot.get(root)
    if (tile) this.add(root, tile)
    return tile
  }

  add(root: string, tile: Tile): void {
    this.#byRoot.delete(root)
    this.#byRoot.set(root, tile)
    for (const oldest of this.#byRoot.keys()) {
      if (this.#byRoot.size <= mostTiles) return
      this.#byRoot.delete(oldest)
    }
  }
}

/** Of a log of 16 million entries all, in some 12 MB. */
const mostTiles = 256
const known = new KnownTiles()

/** The full tile in which a leaf is; null where it is in one that is not full. */
export interface LeafTile {
  readonly index: number
  readonly hashes: Uint8Array | null
}

/**
 * Reads the tiles of a log as `tilesIn` does, and those above the leaves only where they are not known: by the hash that
 * the tile above has for them, up to the partial tiles of the log's row.
 *
 * @param leafTile one that has been read already
 */
export function knownTilesIn(
  query: Query,
  tree: TreeState,
  leafTile: LeafTile,
): (tile: TileName) => Promise<Tile> {
  const stored = tilesIn(query, tree)
  const hashesOf = async ({ level, index, width }: TileName): Promise<Uint8Array> =>
    level === 0 && index === leafTile.index && leafTile.hashes
      ? leafTile.hashes
      : stored({ level, index, width })

  const tileAt = async (name: TileName): Promise<Tile> => {
    if (name.level === 0 || !isFullTile(tree.size, name)) return new Tile(await hashesOf(name))
    const root = await rootOf(name)
    const found = known.get(hexOf(root))
    if (found) return found
    const tile = new Tile(await hashesOf({ ...name, width: tileWidth }))
    if (equalBytes(tile.root(nodeTreeHash), root)) known.add(hexOf(root), tile)
    return tile
  }

  const rootOf = async ({ level, index }: TileName): Promise<Uint8Array> => {
    const place = index % tileWidth
    const above = { level: level + 1, index: Math.floor(index / tileWidth), width: place + 1 }
    return (await tileAt(above)).node({ height: 0, index: place }, nodeTreeHash)
  }

  return tileAt
}
