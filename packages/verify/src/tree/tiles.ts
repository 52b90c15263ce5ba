import { concatBytes } from '../bytes/bytes.ts'
import type { TreeHash } from './tree-hash.ts'

/** Hashes in a full tile: a tile is the leaves of a subtree of height 8. */
export const tileWidth = 256
/** Bytes of a hash. */
export const hashLength = 32

/** A tile as C2SP tlog-tiles names it. */
export interface TileName {
  /** 0 holds leaf hashes; each hash of a level is the root of a full tile of the level below. */
  readonly level: number
  readonly index: number
  /** Hashes in it: 256 of a full one. */
  readonly width: number
}

/**
 * Gives the hashes of a tile, one after another: at least as many as its width says. Throws what reading throws.
 */
export type TileReader = (tile: TileName) => Promise<Uint8Array>

/** Hashes of a tile, and the roots of the full subtrees within it, each made when it is first asked for and kept. */
export class Tile {
  /** The hashes, one after another. */
  readonly hashes: Uint8Array
  /** The root at 1, and below a node at n those at 2n and 2n + 1. */
  readonly #nodes: (Uint8Array | undefined)[] = []

  constructor(hashes: Uint8Array) {
    this.hashes = hashes
  }

  /**
   * The root of a subtree: its height within the tile (0 is one of the hashes), and its place among those of its height.
   * Throws a `RangeError` where the tile does not have all its hashes.
   */
  node({ height, index }: { readonly height: number; readonly index: number }, hash: TreeHash): Uint8Array {
    const place = 2 ** (8 - height) + index
    const known = this.#nodes[place]
    if (known) return known
    const node =
      height === 0 ? this.#hashAt(index) : this.#nodeOver({ height: height - 1, index: 2 * index }, hash)
    this.#nodes[place] = node
    return node
  }

  /** The root of a full tile. */
  root(hash: TreeHash): Uint8Array {
    return this.node({ height: 8, index: 0 }, hash)
  }

  #hashAt(index: number): Uint8Array {
    const end = (index + 1) * hashLength
    if (this.hashes.length >= end) return this.hashes.subarray(index * hashLength, end)
    throw new RangeError(`a tile of ${this.hashes.length} bytes has no hash ${index}`)
  }

  #nodeOver(
    { height, index }: { readonly height: number; readonly index: number },
    hash: TreeHash,
  ): Uint8Array {
    return hash.node(this.node({ height, index }, hash), this.node({ height, index: index + 1 }, hash))
  }
}

/** The path of a tile below the prefix of its log: `0/x001/234.p/5`. */
export const tilePath = ({ level, index, width }: TileName): string =>
  `${level}/${indexPath(index)}${width === tileWidth ? '' : `.p/${width}`}`

/** The path of an entry bundle below the prefix of its log: `entries/x001/234.p/5`. */
export const bundlePath = ({ index, width }: Omit<TileName, 'level'>): string =>
  `entries/${indexPath(index)}${width === tileWidth ? '' : `.p/${width}`}`

/** The tile or bundle that a path names, such as `0/x001/234.p/5` or `entries/000`; null for any other text. */
export function tileOfPath(path: string): (TileName & { readonly isBundle: boolean }) | null {
  const match = /^(entries|0|[1-9]\d?)\/((?:x\d{3}\/)*\d{3})(?:\.p\/([1-9]\d{0,2}))?$/.exec(path)
  if (match === null) return null
  const [, first = '', place = '', part] = match
  const index = Number(place.replaceAll(/[x/]/g, ''))
  const width = part === undefined ? tileWidth : Number(part)
  const level = first === 'entries' ? 0 : Number(first)
  const isKnown = level < 64 && Number.isSafeInteger(index) && width <= tileWidth && part !== '256'
  return isKnown && indexPath(index) === place ? { level, index, width, isBundle: first === 'entries' } : null
}

/** Index 1234067 is `x001/x234/067`. */
function indexPath(index: number): string {
  const digits = String(index)
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0')
  return padded.replaceAll(/\d{3}(?=\d)/g, 'x$&/')
}

/** Every tile of a tree of this size: the full ones of a level, then its partial one, level by level. */
export function* tilesOf(size: number): Generator<TileName> {
  for (let level = 0, count = size; count > 0; level++, count = Math.floor(count / tileWidth)) {
    const full = Math.floor(count / tileWidth)
    for (let index = 0; index < full; index++) yield { level, index, width: tileWidth }
    if (count % tileWidth > 0) yield { level, index: full, width: count % tileWidth }
  }
}

/**
 * Entries as a bundle: each with its length before it, as 16 bits, the higher first. Throws a `RangeError` for an entry of
 * more bytes than that can say.
 */
export const bundleOf = (entries: readonly Uint8Array[]): Uint8Array =>
  concatBytes(...entries.flatMap((entry) => [lengthOf(entry), entry]))

function lengthOf({ length }: Uint8Array): Uint8Array {
  if (length <= 0xffff) return Uint8Array.of(length >> 8, length & 0xff)
  throw new RangeError(`an entry of ${length} bytes is too long for a bundle: it holds at most 65535 of each`)
}

/** The entries of a bundle; null when it ends within one. */
export function entriesOfBundle(bundle: Uint8Array): readonly Uint8Array[] | null {
  const view = new DataView(bundle.buffer, bundle.byteOffset, bundle.byteLength)
  const entries: Uint8Array[] = []
  let offset = 0
  while (offset < bundle.length) {
    if (offset + 2 > bundle.length) return null
    const length = view.getUint16(offset)
    if (offset + 2 + length > bundle.length) return null
    entries.push(bundle.subarray(offset + 2, offset + 2 + length))
    offset += 2 + length
  }
  return entries
}

/** The hashes of a tile, each by itself. */
export const hashesOf = (tile: Uint8Array): readonly Uint8Array[] =>
  Array.from({ length: Math.floor(tile.length / hashLength) }, (_, index) =>
    tile.subarray(index * hashLength, (index + 1) * hashLength),
  )

/** The root of so many hashes, which are a power of two: of a full subtree. */
export function fullRoot(hashes: readonly Uint8Array[], hash: TreeHash): Uint8Array {
  let row = hashes
  while (row.length > 1)
    row = Array.from({ length: row.length / 2 }, (_, index) =>
      hash.node(row[2 * index] as Uint8Array, row[2 * index + 1] as Uint8Array),
    )
  const [root] = row
  if (root === undefined) throw new RangeError('a subtree without hashes has no root')
  return root
}
