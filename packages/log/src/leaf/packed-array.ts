import { arrayHeader, arrayHeaderBytes, emptyArrayBytes } from '@steptrail/core'

/** The bytes that a value has. */
const widths = { uuid: 16, timestamptz: 8 } as const

/** An array as a parameter in PostgreSQL's binary format, of values as PostgreSQL sent them: copied, and not made. */
export class PackedArray {
  readonly #type: keyof typeof widths
  readonly #width: number
  #bytes: Buffer
  #count = 0

  constructor(type: keyof typeof widths) {
    this.#type = type
    this.#width = widths[type]
    this.#bytes = Buffer.alloc(arrayHeaderBytes + 1024 * (4 + this.#width))
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
    const start = arrayHeaderBytes + place * (4 + this.#width) + 4
    return this.#bytes.subarray(start, start + this.#width)
  }

  /** The whole array, until a value is added. */
  get encoded(): Buffer {
    for (const [place, field] of arrayHeader(this.#type, this.#count).entries())
      this.#bytes.writeInt32BE(field, 4 * place)
    return this.#bytes.subarray(0, this.#count > 0 ? this.#end : emptyArrayBytes)
  }

  get #end(): number {
    return arrayHeaderBytes + this.#count * (4 + this.#width)
  }

  #grow(): void {
    const larger = Buffer.alloc(2 * this.#bytes.length)
    this.#bytes.copy(larger)
    this.#bytes = larger
  }
}
