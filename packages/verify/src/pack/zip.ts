import { concatBytes, equalBytes, textOfUtf8, utf8 } from '../bytes/bytes.ts'
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
/** 1 January 1980, the first instant that a zip can name: what is in it says itself when it was made. */
const date = 0x0021
/** Names are in UTF-8. */
const flags = 0x0800
const version = 20

/** A zip file of these files, stored as they are. The same files give the same bytes. */
export function writeZip(files: readonly ZipFile[]): Uint8Array<ArrayBuffer> {
  const locals: Uint8Array[] = []
  const directory: Uint8Array[] = []
  let offset = 0
  for (const { name, content } of files) {
    const path = utf8(name)
    const about = [
      ...half(version),
      ...half(flags),
      ...half(0),
      ...half(0),
      ...half(date),
      ...whole(crc32(content)),
    ]
    const sizes = [...whole(content.length), ...whole(content.length), ...half(path.length), ...half(0)]
    const local = concatBytes(Uint8Array.from([...whole(localHeader), ...about, ...sizes]), path, content)
    const attributes = [...half(0), ...half(0), ...half(0), ...whole(0), ...whole(offset)]
    const header = Uint8Array.from([
      ...whole(directoryHeader),
      ...half(version),
      ...about,
      ...sizes,
      ...attributes,
    ])
    locals.push(local)
    directory.push(concatBytes(header, path))
    offset += local.length
  }
  const entries = concatBytes(...directory)
  const counts = [...half(0), ...half(0), ...half(files.length), ...half(files.length)]
  const end = [...whole(endHeader), ...counts, ...whole(entries.length), ...whole(offset), ...half(0)]
  return concatBytes(...locals, entries, Uint8Array.from(end))
}

const half = (value: number): readonly number[] => [value & 0xff, (value >>> 8) & 0xff]
const whole = (value: number): readonly number[] => [...half(value & 0xffff), ...half(value >>> 16)]

/**
 * The files of a zip that `writeZip` made; null for any other bytes. Only what writing again gives byte for byte is
 * taken, so nothing can hide between the files, and no bit of the frame can differ.
 */
export function readZip(bytes: Uint8Array): readonly ZipFile[] | null {
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
