import { expect, it } from 'vitest'
import { utf8 } from '../bytes/bytes.ts'
import { readZip, writeZip, type ZipFile } from './zip.ts'

/** So many files of which each holds its own number. */
const numbered = (count: number): readonly ZipFile[] =>
  Array.from({ length: count }, (_, number) => ({ name: `${number}.txt`, content: utf8(String(number)) }))

it.each([0, 1, 65_534, 65_535, 200_000])('holds %d files, and gives them back', (count) => {
  const files = readZip(writeZip(numbered(count)))
  expect(files?.length).toBe(count)
  expect(files?.at(-1)).toEqual(numbered(count).at(-1))
})

it.each([
  [65_534, false],
  [65_535, true],
])('of %d files has an end, and the locator of ZIP64 before it: %s', (count, hasLocator) => {
  const zip = writeZip(numbered(count))
  const view = new DataView(zip.buffer)
  const end = zip.length - 22
  expect(view.getUint32(end, true)).toBe(0x06054b50)
  expect(view.getUint16(end + 10, true)).toBe(count)
  expect(view.getUint32(end - 20, true) === 0x07064b50).toBe(hasLocator)
})

it('tells of more files than 16 bits count by the record of ZIP64', () => {
  const zip = writeZip(numbered(70_000))
  const view = new DataView(zip.buffer)
  const end = zip.length - 22
  const locator = end - 20
  const record = locator - 56
  expect([view.getUint16(end + 8, true), view.getUint16(end + 10, true)]).toEqual([0xffff, 0xffff])
  expect(view.getUint32(locator, true)).toBe(0x07064b50)
  expect(view.getBigUint64(locator + 8, true)).toBe(BigInt(record))
  expect(view.getUint32(record, true)).toBe(0x06064b50)
  expect(view.getBigUint64(record + 24, true)).toBe(70_000n)
  expect(view.getBigUint64(record + 32, true)).toBe(70_000n)
  const [size, start] = [view.getBigUint64(record + 40, true), view.getBigUint64(record + 48, true)]
  expect([size, start]).toEqual([
    BigInt(view.getUint32(end + 12, true)),
    BigInt(view.getUint32(end + 16, true)),
  ])
  expect(start + size).toBe(BigInt(record))
})
