/** Types whose arrays can be encoded, and the numbers under which every PostgreSQL knows them (`pg_type.oid`). */
const elementOids = { uuid: 2950, text: 25, bigint: 20, integer: 23, jsonb: 3802, timestamptz: 1184 } as const

/** The type of an array's elements. */
export type ElementType = keyof typeof elementOids

/**
 * An array as a parameter in PostgreSQL's binary format, written as its values come: no text to quote here, none to
 * parse there. Elements that are never set are null.
 *
 * The format is that of the server's `array_recv`: number of dimensions, whether there are nulls, the elements' type,
 * the length, the lower bound, and then each element behind its length, -1 for null; all numbers big-endian.
 */
export class ArrayParameter {
  readonly #type: ElementType
  readonly #length: number
  #bytes: Buffer
  #end = headerBytes
  #count = 0
  #hasNull = 0

  constructor(type: ElementType, length: number) {
    this.#type = type
    this.#length = length
    this.#bytes = Buffer.allocUnsafe(headerBytes + 4 * length)
  }

  /**
   * Sets an element; those before it that were not set are null. Takes a UUID, an instant and JSON as text, and numbers
   * as such. Elements are set in order, each once.
   *
   * @throws RangeError when the value is none of the type; its message ends a sentence about the value
   */
  set(index: number, value: string | number): void {
    this.#fill(index)
    this.#count += 1
    if (this.#type === 'text') this.#text(asText(value), 0)
    else if (this.#type === 'uuid') this.#uuid(asText(value))
    else if (this.#type === 'bigint') this.#wide(bigintOf(value))
    else if (this.#type === 'integer') this.#integer(value)
    else if (this.#type === 'timestamptz') this.#wide(microsecondsOf(asText(value)))
    else this.#text(asText(value), 1)
  }

  /** The whole array. Call it once, when every element has been set. */
  encoded(): Buffer {
    this.#fill(this.#length)
    const header = [this.#length > 0 ? 1 : 0, this.#hasNull, elementOids[this.#type], this.#length, 1]
    header.forEach((field, index) => this.#bytes.writeInt32BE(field, 4 * index))
    return this.#bytes.subarray(0, this.#length > 0 ? this.#end : emptyBytes)
  }

  #fill(index: number): void {
    if (this.#count === index) return
    const bytes = 4 * (index - this.#count)
    this.#reserve(bytes)
    this.#bytes.fill(0xff, this.#end, this.#end + bytes)
    this.#end += bytes
    this.#count = index
    this.#hasNull = 1
  }

  /** With so many bytes between the length and the text: `jsonb` has the version of its format there, which is 1. */
  #text(text: string, versionBytes: 0 | 1): void {
    this.#reserve(4 + versionBytes + 3 * text.length)
    const from = this.#end + 4
    if (versionBytes === 1) this.#bytes[from] = 1
    const bytes = versionBytes + this.#bytes.write(text, from + versionBytes)
    this.#bytes.writeInt32BE(bytes, this.#end)
    this.#end = from + bytes
  }

  #uuid(text: string): void {
    if (!uuidPattern.test(text)) throw new RangeError(`is ${JSON.stringify(text)}, which is no UUID`)
    this.#reserve(20)
    this.#bytes.writeInt32BE(16, this.#end)
    this.#bytes.write(text.replaceAll('-', ''), this.#end + 4, 'hex')
    this.#end += 20
  }

  #wide(value: bigint): void {
    this.#reserve(12)
    this.#bytes.writeInt32BE(8, this.#end)
    this.#bytes.writeBigInt64BE(value, this.#end + 4)
    this.#end += 12
  }

  #integer(value: unknown): void {
    if (typeof value !== 'number' || (value | 0) !== value)
      throw new RangeError(`is ${JSON.stringify(value)}, which is no integer of 32 bits`)
    this.#reserve(8)
    this.#bytes.writeInt32BE(4, this.#end)
    this.#bytes.writeInt32BE(value, this.#end + 4)
    this.#end += 8
  }

  #reserve(bytes: number): void {
    const wanted = this.#end + bytes
    if (wanted <= this.#bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(wanted, 2 * this.#bytes.length))
    this.#bytes.copy(larger, 0, 0, this.#end)
    this.#bytes = larger
  }
}

/** Dimensions, nulls, type, length, lower bound; an array without elements ends after the type. */
const headerBytes = 20
const emptyBytes = 12

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

function asText(value: unknown): string {
  if (typeof value === 'string') return value
  throw new RangeError(`is ${JSON.stringify(value)}, which is no text`)
}

function bigintOf(value: unknown): bigint {
  if (Number.isSafeInteger(value)) return BigInt(value as number)
  throw new RangeError(`is ${JSON.stringify(value)}, which is no whole number below 2^53`)
}

/** PostgreSQL counts microseconds from the year 2000 on. */
function microsecondsOf(text: string): bigint {
  const milliseconds = Date.parse(text)
  if (Number.isNaN(milliseconds)) throw new RangeError(`is ${JSON.stringify(text)}, which is no instant`)
  return BigInt(milliseconds - startOf2000) * 1000n
}

const startOf2000 = Date.UTC(2000, 0, 1)
