import type { BinaryRow } from '@steptrail/core'
import { canonicalJson, storedDetails } from '@steptrail/verify'
import { isoInstant } from './instant.ts'
import type { LeafMember } from './leaf-members.ts'
import { PlainDetails } from './plain-details.ts'

/**
 * Writes canonical JSON (RFC 8785) of columns as PostgreSQL sends them, byte by byte and without a value for each, into
 * memory that is used again. What PostgreSQL sends is UTF-8, so no text has a lone surrogate.
 */
export class CanonicalBytes {
  #bytes = Buffer.alloc(1 << 12)
  #end = 0
  /** By their lengths: to make a view costs as much as to hash what a short one shows. */
  #views: Buffer[] = []
  readonly #plain = new PlainDetails()

  /** What has been written; good until `clear`. */
  get written(): Buffer {
    if (this.#end >= mostViews) return this.#bytes.subarray(0, this.#end)
    return (this.#views[this.#end] ??= this.#bytes.subarray(0, this.#end))
  }

  /** Begins anew. */
  clear(): void {
    this.#end = 0
  }

  /** Bytes, each a character. */
  characters(text: string): void {
    this.#reserve(text.length)
    for (let index = 0; index < text.length; index++) this.#bytes[this.#end++] = text.charCodeAt(index)
  }

  /** An object with these members. */
  object(row: BinaryRow, members: readonly LeafMember[]): void {
    for (const { kind, before, place } of members) {
      const [start, length] = [row.starts[place] as number, row.lengths[place] as number]
      this.#reserve(before.length + 6 * Math.max(length, 64) + 2)
      this.#copy(before, 0, before.length)
      if (length < 0) this.#copy(nothing, 0, nothing.length)
      else if (kind === 'text') this.#text(row.bytes, start, length)
      else if (kind === 'uuid') this.#uuid(row.bytes, start)
      else if (kind === 'number') this.#whole(row, place)
      else if (kind === 'instant') this.#quoted(isoInstant(row, place))
      else this.#details(row.bytes, start, length)
    }
    this.#bytes[this.#end++] = closeBrace
  }

  #copy(from: Uint8Array, start: number, length: number): void {
    const bytes = this.#bytes
    let at = this.#end
    for (let index = start; index < start + length; index++) bytes[at++] = from[index] as number
    this.#end = at
  }

  #text(from: Buffer, start: number, length: number): void {
    const bytes = this.#bytes
    let at = this.#end
    bytes[at++] = quote
    for (let index = start; index < start + length; index++) {
      const byte = from[index] as number
      if (byte < space || byte === quote || byte === backslash)
        return this.#utf8(JSON.stringify(from.toString('utf8', start, start + length)))
      bytes[at++] = byte
    }
    bytes[at++] = quote
    this.#end = at
  }

  #uuid(from: Uint8Array, start: number): void {
    const bytes = this.#bytes
    let at = this.#end
    bytes[at++] = quote
    for (let index = 0; index < 16; index++) {
      if (index === 4 || index === 6 || index === 8 || index === 10) bytes[at++] = hyphen
      const byte = from[start + index] as number
      bytes[at++] = digits[byte >> 4] as number
      bytes[at++] = digits[byte & 15] as number
    }
    bytes[at++] = quote
    this.#end = at
  }

  /** A number where JavaScript has it exactly, else a string of its digits. */
  #whole(row: BinaryRow, place: number): void {
    const value = row.bigint(place) as number
    if (Number.isSafeInteger(value)) return this.#digits(value)
    this.#quoted(String(row.bytes.readBigInt64BE(row.starts[place])))
  }

  #digits(value: number): void {
    if (value < 0 || value > 999) return this.characters(String(value))
    if (value > 99) this.#bytes[this.#end++] = zero + Math.floor(value / 100)
    if (value > 9) this.#bytes[this.#end++] = zero + (Math.floor(value / 10) % 10)
    this.#bytes[this.#end++] = zero + (value % 10)
  }

  #quoted(text: string): void {
    this.#bytes[this.#end++] = quote
    this.characters(text)
    this.#bytes[this.#end++] = quote
  }

  /** Behind the version of its format. */
  #details(from: Buffer, start: number, length: number): void {
    const text = { from, start: start + 1, end: start + length }
    const end = this.#plain.write(text, this.#bytes, this.#end)
    if (end >= 0) this.#end = end
    else this.#utf8(canonicalJson(storedDetails(from.toString('utf8', text.start, text.end))))
  }

  #utf8(text: string): void {
    this.#reserve(3 * text.length)
    this.#end += this.#bytes.write(text, this.#end, 'utf8')
  }

  #reserve(bytes: number): void {
    const wanted = this.#end + bytes
    if (wanted <= this.#bytes.length) return
    const larger = Buffer.alloc(Math.max(wanted, 2 * this.#bytes.length))
    this.#bytes.copy(larger, 0, 0, this.#end)
    this.#bytes = larger
    this.#views = []
  }
}

const mostViews = 1 << 12
const nothing = Buffer.from('null', 'latin1')
const digits = Buffer.from('0123456789abcdef', 'latin1')
const [quote, backslash, space, hyphen, zero, closeBrace] = [0x22, 0x5c, 0x20, 0x2d, 0x30, 0x7d]
