import { type Query } from '@steptrail/core'
import { TrailError } from '@steptrail/event'
import { concatBytes, hashLength, type TileName, type TileReader, tileWidth } from '@steptrail/verify'
import type { TreeState } from './tree-state.ts'

/**
 * Reads the tiles of a log from the database. A partial tile of an earlier size is the beginning of the one there is
 * now, and comes with exactly the width asked for.
 *
 * @throws TrailError `log_inconsistent` where a tile is missing that the log's size asks for
 */
export function tilesIn(
  query: Query,
  tree: Pick<TreeState, 'logId' | 'origin' | 'partialTiles' | 'size'>,
): TileReader {
  return async ({ level, index, width }) => {
    const hashes = isFull(tree.size, { level, index })
      ? await readStored(query, { logId: tree.logId, level, index })
      : concatBytes(...(tree.partialTiles[level] ?? []))
    if (hashes === null || hashes.length < width * hashLength) throw missing(tree, { level, index, width })
    return hashes.subarray(0, width * hashLength)
  }
}

const isFull = (size: number, { level, index }: Omit<TileName, 'width'>): boolean =>
  (index + 1) * tileWidth ** (level + 1) <= size

async function readStored(
  query: Query,
  { logId, level, index }: { logId: number; level: number; index: number },
): Promise<Uint8Array | null> {
  const { rows } = await query<{ hashes: Uint8Array }>(
    'select hashes from log_tiles where log_id = $1 and level = $2 and tile_index = $3',
    [logId, level, index],
  )
  return rows[0]?.hashes ?? null
}

const missing = ({ origin, size }: Pick<TreeState, 'origin' | 'size'>, tile: TileName): TrailError =>
  new TrailError(
    'log_inconsistent',
    `tile ${tile.level}/${tile.index} of ${origin} is not there whole, though a log of ${size} entries has it: restore it, or run \`steptrail verify\` to see what else is wrong`,
    { details: { origin, ...tile } },
  )
