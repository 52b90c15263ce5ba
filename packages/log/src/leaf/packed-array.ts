/** The numbers under which every PostgreSQL knows these types (`pg_type.oid`), and the bytes that a value has. */
const types = { uuid: { oid: 2950, bytes: 16 }, timestamptz: { oid: 1184, bytes: 8 } } as const

/**
 * An array as a parameter in PostgreSQL's binary format, of values as PostgreSQL sent them: copied, and not made. The
 * format is that of the server's `array_recv`: number of dimensions, whether there are nulls, the elements' type, the
 * length, the lower bound, and then the elements, each behind its length in bytes.
 */
export class PackedArray {
  readonly #oid: number
  readonly #width: number
  #bytes: Buffer
  #count = 0

  constructor(type: keyof typeof types) {
    this.#oid = types[type].oid
    this.#width = types[type].bytes
    this.#bytes = Buffer.alloc(headerBytes + 1024 * (4 + this.#width))
  }

  /** Adds the value that lies there. */
  add(from: Uint8Array, start: number): void {
    let at = this.#end
    if (at + 4 + this.#width > this.#bytes.length) this.#grow()
    const bytes = this.#bytes
    bytes[at + 3] = this.#width
    at += 4
    for (let index = 0; index < this.#width; index++) bytes[at + index] = from[start + index] as number
    this.#count += 1
  }

  /** A value that was added. */
  at(place: number): Buffer {
    const start = headerBytes + place * (4 + this.#width) + 4
    return this.#bytes.subarray(start, start + this.#width)
  }

  /** The whole array, until a value is added. */
  get encoded(): Buffer {
    const dimensions = this.#count > 0 ? 1 : 0
    for (const [place, field] of [dimensions, 0, this.#oid, this.#count, 1].entries())
      this.#bytes.writeInt32BE(field, 4 * place)
    return this.#bytes.subarray(0, dimensions === 1 ? this.#end : emptyBytes)
  }

  get #end(): number {
    return headerBytes + this.#count * (4 + this.#width)
  }

  #grow(): void {
    const larger = Buffer.alloc(2 * this.#bytes.length)
    this.#bytes.copy(larger)
    this.#bytes = larger
  }
}

/** Dimensions, nulls, type, length, lower bound; an array without elements ends after the type. */
const headerBytes = 20
const emptyBytes = 12
