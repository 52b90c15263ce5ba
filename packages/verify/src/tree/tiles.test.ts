import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { concatBytes, utf8 } from '../bytes/bytes.ts'
import { sha256 } from '../hash/sha256.ts'
import { treeHash } from './tree-hash.ts'
import {
  bundleOf,
  bundlePath,
  entriesOfBundle,
  fullRoot,
  Tile,
  tileOfPath,
  tilePath,
  tilesOf,
} from './tiles.ts'

it('names tiles as the specification does', () => {
  expect(tilePath({ level: 0, index: 1234067, width: 256 })).toBe('0/x001/x234/067')
  expect(tilePath({ level: 1, index: 0, width: 17 })).toBe('1/000.p/17')
  expect(bundlePath({ index: 273, width: 112 })).toBe('entries/273.p/112')
})

it('has the tiles that the specification lists for 70,000 and for 256 leaves', () => {
  const count = (size: number) => [...tilesOf(size)].map(({ level, width }) => `${level} ${width}`)
  expect(count(70_000).filter((tile) => tile === '0 256')).toHaveLength(273)
  expect(count(70_000).filter((tile) => tile !== '0 256')).toEqual(['0 112', '1 256', '1 17', '2 1'])
  expect(count(256)).toEqual(['0 256', '1 1'])
})

it('reads every name that it writes', () => {
  fc.assert(
    fc.property(fc.nat(5), fc.nat(10 ** 10), fc.integer({ min: 1, max: 256 }), (level, index, width) => {
      expect(tileOfPath(tilePath({ level, index, width }))).toEqual({ level, index, width, isBundle: false })
      expect(tileOfPath(bundlePath({ index, width }))).toEqual({ level: 0, index, width, isBundle: true })
    }),
  )
})

it.each([
  '0/1',
  '0/0001',
  '00/000',
  '64/000',
  '0/x000/001',
  '0/000.p/0',
  '0/000.p/256',
  'entry/000',
  '0/000/',
  '/0/000',
])('takes %s for no name', (path) => {
  expect(tileOfPath(path)).toBeNull()
})

it('reads back the entries of a bundle, and refuses one that was cut', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 300 })), fc.nat(), (texts, cut) => {
      const bundle = bundleOf(texts.map(utf8))
      expect(entriesOfBundle(bundle)?.map((entry) => new TextDecoder().decode(entry))).toEqual(texts)
      const short = bundle.subarray(0, cut % Math.max(1, bundle.length))
      expect(entriesOfBundle(short)?.length ?? -1).toBeLessThan(Math.max(1, texts.length))
    }),
  )
})

it('takes no entry into a bundle whose length it could not say', () => {
  expect(entriesOfBundle(bundleOf([new Uint8Array(65_535)]))?.[0]?.length).toBe(65_535)
  expect(() => bundleOf([new Uint8Array(65_536)])).toThrow('an entry of 65536 bytes is too long')
})

it('has the root of each subtree within a tile, and of none that it does not have whole', () => {
  const hash = treeHash(sha256)
  const hashes = Array.from({ length: 200 }, (_, index) => hash.leaf(utf8(String(index))))
  const tile = new Tile(concatBytes(...hashes))
  for (const [height, index] of [
    [0, 199],
    [3, 24],
    [7, 0],
    [3, 2],
  ] as const) {
    const below = hashes.slice(index * 2 ** height, (index + 1) * 2 ** height)
    expect(tile.node({ height, index }, hash)).toEqual(fullRoot(below, hash))
  }
  expect(() => tile.node({ height: 3, index: 25 }, hash)).toThrow('6400 bytes has no hash 200')
  expect(() => tile.root(hash)).toThrow(RangeError)
})
