import {
  CompactTree,
  concatBytes,
  sha256,
  TiledTree,
  type TileReader,
  treeHash,
  utf8,
} from '@steptrail/verify'

/** The hashes of RFC 6962. */
export const hash = treeHash(sha256)

/** The leaf hash of the entry "entry i", as in `spec/vectors/tree.json`. */
export const leafOf = (index: number): Uint8Array => hash.leaf(utf8(`entry ${index}`))

/** A tree of such leaves. */
export function treeOf(size: number): CompactTree {
  const tree = new CompactTree(hash)
  for (let index = 0; index < size; index++) tree.append(leafOf(index))
  return tree
}

/** The tiles of such a tree, made hash by hash. */
export const readTile: TileReader = async ({ level, index, width }) => {
  const span = 256 ** level
  const roots = Array.from({ length: width }, (_, place) => {
    const tree = new CompactTree(hash)
    const start = (index * 256 + place) * span
    for (let leaf = start; leaf < start + span; leaf++) tree.append(leafOf(leaf))
    return tree.root()
  })
  return concatBytes(...roots)
}

/** Such a tree, in tiles. */
export const tiledTreeOf = (size: number): TiledTree => new TiledTree(size, readTile, hash)
