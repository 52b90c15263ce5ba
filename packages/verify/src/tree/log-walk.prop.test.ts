import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { hash } from '../../test/trees.ts'
import { concatBytes, utf8 } from '../bytes/bytes.ts'
import type { Defect } from '../defect.ts'
import { CompactTree } from './compact-tree.ts'
import { LogWalk } from './log-walk.ts'
import { bundleOf, entriesOfBundle, hashesOf } from './tiles.ts'

const entryOf = (index: number): Uint8Array => utf8(`entry ${index} of the log, as it was sealed`)
const entriesOf = (size: number) => Array.from({ length: size }, (_, index) => entryOf(index))

/** What somebody who has only a signed root finds in a bundle and a tile of leaf hashes; undefined: it cannot be read. */
function defectIn(bundle: Uint8Array, tile: Uint8Array, size: number): Defect | null | undefined {
  const signed = new CompactTree(hash)
  for (const entry of entriesOf(size)) signed.append(hash.leaf(entry))
  const [entries, hashes] = [entriesOfBundle(bundle), hashesOf(tile)]
  if (entries?.length !== size || hashes.length !== size) return undefined
  const walk = new LogWalk(hash, { size: 0, edge: [] })
  entries.forEach((entry, index) =>
    walk.pass({
      eventId: `event ${index}`,
      leafHash: hash.leaf(entry),
      tileHash: hashes[index] as Uint8Array,
    }),
  )
  return walk.check({ size, root: signed.root(), source: 'given' })
}

const bundleAndTile = (size: number): readonly [bundle: Uint8Array, tile: Uint8Array] => {
  const entries = entriesOf(size)
  return [bundleOf(entries), concatBytes(...entries.map((entry) => hash.leaf(entry)))]
}

const flipped = (bytes: Uint8Array, bit: number): Uint8Array =>
  bytes.map((byte, place) => (place === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))

const sizes = fc.integer({ min: 2, max: 256 })

it('a bundle and a tile as they were sealed are as signed', () => {
  fc.assert(
    fc.property(sizes, (size) => {
      expect(defectIn(...bundleAndTile(size), size)).toBeNull()
    }),
    { numRuns: 20 },
  )
})

it('a flipped bit of a bundle is found, at the entry that it is in', () => {
  fc.assert(
    fc.property(sizes, fc.nat(), (size, drawn) => {
      const [bundle, tile] = bundleAndTile(size)
      const bit = drawn % (8 * bundle.length)
      const defect = defectIn(flipped(bundle, bit), tile, size)
      expect(defect).not.toBeNull()
      if (defect === undefined) return
      const index = indexOfByte(size, bit >> 3)
      expect(defect).toEqual({ kind: 'event_altered', index, eventId: `event ${index}` })
    }),
  )
})

it('a flipped bit of a tile is found, and told from one of an event', () => {
  fc.assert(
    fc.property(sizes, fc.nat(), (size, drawn) => {
      const [bundle, tile] = bundleAndTile(size)
      const altered = flipped(tile, drawn % (8 * tile.length))
      expect(defectIn(bundle, altered, size)).toEqual({ kind: 'tile_altered', level: 0, tileIndex: 0 })
    }),
  )
})

it('entries of a bundle that were swapped, repeated or left out are found, and the first of them named', () => {
  const kinds = fc.constantFrom('swapped', 'repeated', 'left out')
  fc.assert(
    fc.property(sizes, fc.nat(), fc.nat(), kinds, (size, one, other, kind) => {
      const [first = 0, last = 1] = distinct(one % size, other % size, size)
      const entries = entriesOf(size)
      if (kind === 'swapped') [entries[first], entries[last]] = [entryOf(last), entryOf(first)]
      else if (kind === 'repeated') entries[last] = entryOf(first)
      else entries.splice(first, 1)
      const defect = defectIn(bundleOf(entries), bundleAndTile(size)[1], size)
      const index = kind === 'repeated' ? last : first
      expect(defect).toEqual(
        kind === 'left out' ? undefined : { kind: 'event_altered', index, eventId: `event ${index}` },
      )
    }),
  )
})

function distinct(one: number, other: number, size: number): readonly number[] {
  const two = one === other ? (other + 1) % size : other
  return [one, two].toSorted((left, right) => left - right)
}

/** The entry to which a byte of a bundle belongs, with its length before it. */
function indexOfByte(size: number, place: number): number {
  let end = 0
  return entriesOf(size).findIndex((entry) => (end += 2 + entry.length) > place)
}
