/** Types whose values can be written, by PostgreSQL's names. */
export type CellType = 'uuid' | 'text' | 'bigint' | 'integer' | 'jsonb' | 'timestamptz'

/**
 * Values in PostgreSQL's binary format, one after another: each behind its length in bytes, -1 for null, all numbers
 * big-endian (the `…_recv` functions of the server read them). What arrays and rows of COPY are made of. May be emptied
 * and filled again, without a new allocation.
 */
export class BinaryCells {
  #bytes: Buffer
  #view: DataView
  #end = 0

  /** With room for so many bytes, and more when it takes more. */
  constructor(bytes: number) {
    this.#bytes = Buffer.allocUnsafe(bytes)
    this.#view = viewOf(this.#bytes)
  }

  /** How many bytes have been written. */
  get length(): number {
    return this.#end
  }

  /** What has been written so far; good until `clear`. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#end)
  }

  /** Begins anew. */
  clear(): void {
    this.#end = 0
  }

  /** A number without a length in front, as headers have it. */
  int32(value: number): void {
    this.#reserve(4)
    this.#int32(value)
  }

  /** As `int32`, of 16 bits. */
  int16(value: number): void {
    this.#reserve(2)
    this.#view.setInt16(this.#end, value)
    this.#end += 2
  }

  /** Bytes as they are. */
  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#end)
    this.#end += bytes.length
  }

  /** So many nulls. */
  nulls(count: number): void {
    if (count === 1) return this.int32(-1)
    this.#reserve(4 * count)
    this.#bytes.fill(0xff, this.#end, this.#end + 4 * count)
    this.#end += 4 * count
  }

  /**
   * A value. Takes a UUID and JSON as text, an instant as text or in milliseconds since 1970, and numbers as such.
   *
   * @throws RangeError when the value is none of the type; its message ends a sentence about the value
   */
  cell(type: CellType, value: string | number): void {
    if (type === 'text') this.#text(asText(value), 0)
    else if (type === 'uuid') this.#uuid(asText(value))
    else if (type === 'bigint') this.#wide(asWhole(value))
    else if (type === 'integer') this.#integer(value)
    else if (type === 'timestamptz')
      this.#instant(typeof value === 'number' ? value : Date.parse(asText(value)), value)
    else this.#text(asText(value), 1)
  }

  /** A UUIDv4 (RFC 9562) of the 16 random bytes from `start`, less the six bits of version and variant. */
  randomUuid(random: Uint8Array, start: number): void {
    this.#reserve(20)
    this.#int32(16)
    const [bytes, at] = [this.#bytes, this.#end]
    for (let index = 0; index < 16; index++) bytes[at + index] = random[start + index] as number
    bytes[at + 6] = 0x40 | ((bytes[at + 6] as number) & 0x0f)
    bytes[at + 8] = 0x80 | ((bytes[at + 8] as number) & 0x3f)
    this.#end = at + 16
  }

  /** With so many bytes between the length and the text: `jsonb` has the version of its format there, which is 1. */
  #text(text: string, versionBytes: 0 | 1): void {
    this.#reserve(4 + versionBytes + 3 * text.length)
    const from = this.#end + 4
    if (versionBytes === 1) this.#bytes[from] = 1
    const at = from + versionBytes
    const bytes = versionBytes + (this.#shortAscii(text, at) ? text.length : this.#bytes.write(text, at))
    this.#int32(bytes)
    this.#end = from + bytes
  }

  /** Most texts are names, and what a call out of JavaScript costs is more than writing them here. */
  #shortAscii(text: string, at: number): boolean {
    if (text.length > shortText) return false
    const bytes = this.#bytes
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index)
      if (code > 0x7f) return false
      bytes[at + index] = code
    }
    return true
  }

  #uuid(text: string): void {
    this.#reserve(20)
    this.#int32(16)
    const bytes = this.#bytes
    let at = this.#end
    let isUuid = text.length === 36
    for (let index = 0; index < 36; index += 2) {
      if (index === 8 || index === 13 || index === 18 || index === 23) {
        isUuid &&= text.charCodeAt(index) === hyphen
        index += 1
      }
      const byte = (digitOf(text, index) << 4) | digitOf(text, index + 1)
      isUuid &&= byte <= 0xff
      bytes[at] = byte
      at += 1
    }
    if (!isUuid) {
      this.#end -= 4
      throw new RangeError(`is ${JSON.stringify(text)}, which is no UUID`)
    }
    this.#end = at
  }

  #wide(value: number): void {
    this.#reserve(12)
    this.#int32(8)
    this.#int32(Math.floor(value / 2 ** 32))
    this.#int32(value)
  }

  #integer(value: unknown): void {
    if (typeof value !== 'number' || (value | 0) !== value)
      throw new RangeError(`is ${JSON.stringify(value)}, which is no integer of 32 bits`)
    this.#reserve(8)
    this.#int32(4)
    this.#int32(value)
  }

  /** PostgreSQL counts microseconds from the year 2000 on. */
  #instant(timestampMs: number, given: unknown): void {
    const milliseconds = timestampMs - startOf2000
    if (!Number.isInteger(milliseconds))
      throw new RangeError(`is ${JSON.stringify(given)}, which is no instant`)
    if (Math.abs(milliseconds) < Number.MAX_SAFE_INTEGER / 1000) return this.#wide(milliseconds * 1000)
    this.#reserve(12)
    this.#int32(8)
    this.#view.setBigInt64(this.#end, BigInt(milliseconds) * 1000n)
    this.#end += 8
  }

  #int32(value: number): void {
    this.#view.setInt32(this.#end, value)
    this.#end += 4
  }

  #reserve(bytes: number): void {
    const wanted = this.#end + bytes
    if (wanted <= this.#bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(wanted, 2 * this.#bytes.length))
    this.#bytes.copy(larger, 0, 0, this.#end)
    this.#bytes = larger
    this.#view = viewOf(larger)
  }
}

const viewOf = ({ buffer, byteOffset, byteLength }: Buffer): DataView =>
  new DataView(buffer, byteOffset, byteLength)

const shortText = 48
const hyphen = 0x2d

/** The value of a hexadecimal digit; of anything else a number that has bits beyond those of a byte. */
function digitOf(text: string, index: number): number {
  const code = text.charCodeAt(index)
  return code < 128 ? (digits[code] as number) : notADigit
}

const notADigit = 0x100
const digits = Int32Array.from({ length: 128 }, (_, code) => {
  const value = Number.parseInt(String.fromCharCode(code), 16)
  return Number.isNaN(value) ? notADigit : value
})

function asText(value: unknown): string {
  if (typeof value === 'string') return value
  throw new RangeError(`is ${JSON.stringify(value)}, which is no text`)
}

function asWhole(value: unknown): number {
  if (Number.isSafeInteger(value)) return value as number
  throw new RangeError(`is ${JSON.stringify(value)}, which is no whole number below 2^53`)
}

const startOf2000 = Date.UTC(2000, 0, 1)
