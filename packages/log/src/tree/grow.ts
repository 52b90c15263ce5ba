import { concatBytes, fullRoot, type TreeHash, tileWidth } from '@steptrail/verify'
import type { TreeState } from './tree-state.ts'

/** What a tree becomes with more leaves. */
export interface GrownTree {
  readonly size: number
  readonly partialTiles: TreeState['partialTiles']
  /** Tiles that have become full. */
  readonly fullTiles: readonly {
    readonly level: number
    readonly index: number
    readonly hashes: Uint8Array
  }[]
}

/** Appends leaves to a tree. */
export function growTree(
  { size, partialTiles }: Pick<TreeState, 'size' | 'partialTiles'>,
  leafHashes: readonly Uint8Array[],
  hash: TreeHash,
): GrownTree {
  const levels = partialTiles.map((hashes) => [...hashes])
  const fullTiles: GrownTree['fullTiles'][number][] = []
  leafHashes.forEach((leafHash, place) => {
    let [carried, count]: [Uint8Array | null, number] = [leafHash, size + place + 1]
    for (let level = 0; carried !== null; level++) {
      const tile = (levels[level] ??= [])
      tile.push(carried)
      carried = null
      if (tile.length === tileWidth) {
        fullTiles.push({ level, index: count / tileWidth - 1, hashes: concatBytes(...tile) })
        carried = fullRoot(tile, hash)
        levels[level] = []
      }
      count = Math.floor(count / tileWidth)
    }
  })
  return { size: size + leafHashes.length, partialTiles: levels, fullTiles }
}
