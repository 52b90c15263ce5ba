import { type Query } from '@steptrail/core'
import { TrailError } from '@steptrail/event'
import { concatBytes, hashLength, type TileName, tileWidth } from '@steptrail/verify'
import type { TreeState } from './tree-state.ts'

/**
 * Reads the tiles of a log from the database: those that are asked for at once, in one statement. A partial tile of an
 * earlier size is the beginning of the one there is now, and comes with exactly the width asked for.
 *
 * @throws TrailError `log_inconsistent` where a tile is missing that the log's size asks for
 */
export function tilesIn(
  query: Query,
  tree: Pick<TreeState, 'logId' | 'origin' | 'partialTiles' | 'size'>,
): (tile: TileName) => Promise<Uint8Array> {
  const stored = new StoredTiles(query, tree.logId)
  return async ({ level, index, width }) => {
    const hashes = isFullTile(tree.size, { level, index })
      ? await stored.read({ level, index })
      : concatBytes(...(tree.partialTiles[level] ?? []))
    if (hashes === undefined || hashes.length < width * hashLength)
      throw missing(tree, { level, index, width })
    return hashes.subarray(0, width * hashLength)
  }
}

type TilePlace = Omit<TileName, 'width'>

/** Whether a tree of this size has the tile whole. */
export const isFullTile = (size: number, { level, index }: TilePlace): boolean =>
  (index + 1) * tileWidth ** (level + 1) <= size

/** Tiles in the database: what is asked for before the next turn is one statement. */
class StoredTiles {
  readonly #query: Query
  readonly #logId: number
  #next: { readonly places: TilePlace[]; readonly reading: Promise<ReadonlyMap<string, Uint8Array>> } | null =
    null

  constructor(query: Query, logId: number) {
    this.#query = query
    this.#logId = logId
  }

  /** The hashes of a tile; undefined where it is not there. */
  async read(place: TilePlace): Promise<Uint8Array | undefined> {
    const next = (this.#next ??= this.#begin())
    next.places.push(place)
    return (await next.reading).get(nameOf(place))
  }

  #begin() {
    const places: TilePlace[] = []
    const reading = Promise.resolve().then(() => {
      this.#next = null
      return this.#readAll(places)
    })
    return { places, reading }
  }

  async #readAll(places: readonly TilePlace[]): Promise<ReadonlyMap<string, Uint8Array>> {
    const { rows } = await this.#query<TilePlace & { readonly hashes: Uint8Array }>(selectTiles, [
      this.#logId,
      places.map(({ level }) => level),
      places.map(({ index }) => index),
    ])
    return new Map(rows.map((row) => [nameOf(row), row.hashes]))
  }
}

const nameOf = ({ level, index }: TilePlace): string => `${level}/${index}`

const selectTiles = {
  name: 'read tiles of a log',
  text: `
select tile.level, tile.tile_index as index, tile.hashes
from unnest($2::int[], $3::bigint[]) as wanted(level, tile_index)
join log_tiles as tile on tile.log_id = $1::int and tile.level = wanted.level and tile.tile_index = wanted.tile_index`,
}

const missing = ({ origin, size }: Pick<TreeState, 'origin' | 'size'>, tile: TileName): TrailError =>
  new TrailError(
    'log_inconsistent',
    `tile ${tile.level}/${tile.index} of ${origin} is not there whole, though a log of ${size} entries has it: restore it, or run \`steptrail verify\` to see what else is wrong`,
    { details: { origin, ...tile } },
  )
