import { equalBytes, textOfUtf8, utf8 } from '../bytes/bytes.ts'
import { crc32 } from './crc32.ts'

/** A file in a zip. */
export interface ZipFile {
  /** Its path within. */
  readonly name: string
  readonly content: Uint8Array
}

const localHeader = 0x04034b50
const directoryHeader = 0x02014b50
const endHeader = 0x06054b50
const longEndHeader = 0x06064b50
const longEndLocator = 0x07064b50
/** 1 January 1980, the first instant that a zip can name: what is in it says itself when it was made. */
const date = 0x0021
/** Names are in UTF-8. */
const flags = 0x0800
const version = 20
/** Of who understands the end that counts more files than 16 bits do. */
const longVersion = 45
const mostInHalf = 0xffff
const mostBytes = 0xffff_ffff

/**
 * A zip file of these files, stored as they are, with the end of ZIP64 where there are 65,535 or more. The same files give
 * the same bytes. Throws a `RangeError` for 4 GiB or more.
 */
export function writeZip(files: readonly ZipFile[]): Uint8Array<ArrayBuffer> {
  const entries = files.map(entryOf)
  const zip = new LittleEndian(lengthOf(entries))
  const starts = entries.map((entry) => {
    const start = zip.length
    zip.wholes(localHeader)
    describe(entry, zip)
    zip.bytes(entry.path)
    zip.bytes(entry.content)
    return start
  })
  const directory = zip.length
  for (const [place, entry] of entries.entries()) {
    zip.wholes(directoryHeader)
    zip.halves(version)
    describe(entry, zip)
    zip.halves(0, 0, 0)
    zip.wholes(0, starts[place] as number)
    zip.bytes(entry.path)
  }
  endZip(zip, { directory, count: entries.length })
  return zip.all
}

interface Entry {
  readonly path: Uint8Array
  readonly content: Uint8Array
  readonly checksum: number
}

const entryOf = ({ name, content }: ZipFile): Entry => ({
  path: utf8(name),
  content,
  checksum: crc32(content),
})

function lengthOf(entries: readonly Entry[]): number {
  const end = entries.length < mostInHalf ? 22 : 56 + 20 + 22
  const length = entries.reduce(
    (sum, { path, content }) => sum + 30 + 46 + 2 * path.length + content.length,
    end,
  )
  if (length <= mostBytes) return length
  throw new RangeError(`these files are a zip of ${length} bytes, and at most ${mostBytes} can be written`)
}

/** What the header of a file and its entry in the directory have in common. */
function describe({ path, content, checksum }: Entry, zip: LittleEndian): void {
  zip.halves(version, flags, 0, 0, date)
  zip.wholes(checksum, content.length, content.length)
  zip.halves(path.length, 0)
}

function endZip(
  zip: LittleEndian,
  { directory, count }: { readonly directory: number; readonly count: number },
): void {
  const end = zip.length
  const size = end - directory
  if (count >= mostInHalf) {
    zip.wholes(longEndHeader)
    zip.doubles(44)
    zip.halves(longVersion, longVersion)
    zip.wholes(0, 0)
    zip.doubles(count, count, size, directory)
    zip.wholes(longEndLocator, 0)
    zip.doubles(end)
    zip.wholes(1)
  }
  const shown = Math.min(count, mostInHalf)
  zip.wholes(endHeader)
  zip.halves(0, 0, shown, shown)
  zip.wholes(size, directory)
  zip.halves(0)
}

/** Bytes that are written one after the other: numbers of 16, 32 and 64 bits, the lowest byte first. */
class LittleEndian {
  readonly all: Uint8Array<ArrayBuffer>
  readonly #view: DataView
  /** Bytes that have been written. */
  length = 0

  constructor(length: number) {
    this.all = new Uint8Array(length)
    this.#view = new DataView(this.all.buffer)
  }

  halves(...values: readonly number[]): void {
    for (const value of values) this.#view.setUint16((this.length += 2) - 2, value, true)
  }

  wholes(...values: readonly number[]): void {
    for (const value of values) this.#view.setUint32((this.length += 4) - 4, value, true)
  }

  doubles(...values: readonly number[]): void {
    for (const value of values) this.#view.setBigUint64((this.length += 8) - 8, BigInt(value), true)
  }

  bytes(bytes: Uint8Array): void {
    this.all.set(bytes, this.length)
    this.length += bytes.length
  }
}

/**
 * The files of a zip that `writeZip` made; null for any other bytes. Only what writing again gives byte for byte is
 * taken, so nothing can hide between the files, and no bit of the frame can differ.
 */
export function readZip(bytes: Uint8Array): readonly ZipFile[] | null {
  if (bytes.length > mostBytes) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const files: ZipFile[] = []
  let offset = 0
  while (offset + 30 <= bytes.length && view.getUint32(offset, true) === localHeader) {
    const size = view.getUint32(offset + 22, true)
    const start = offset + 30 + view.getUint16(offset + 26, true)
    const name = textOfUtf8(bytes.subarray(offset + 30, start))
    if (name === null || start + size > bytes.length) return null
    files.push({ name, content: bytes.subarray(start, start + size) })
    offset = start + size
  }
  const isWhole = new Set(files.map(({ name }) => name)).size === files.length
  return isWhole && equalBytes(writeZip(files), bytes) ? files : null
}
