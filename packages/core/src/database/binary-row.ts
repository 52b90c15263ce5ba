/**
 * One row in PostgreSQL's binary format (the `…_send` functions of the server write it), without a value made of it: the
 * counterpart of `BinaryCells`. The same object is each row in turn, so it is good until whoever was given it returns.
 */
export class BinaryRow {
  /** What the row lies in. */
  bytes: Buffer = Buffer.alloc(0)
  /** Where in `bytes` the value of each column begins. */
  readonly starts: number[] = []
  /** How many bytes the value of each column has; -1 for null. */
  readonly lengths: number[] = []
  /** Columns. */
  width = 0
  #from = 0
  #end = 0

  /** Becomes the row that begins there; returns where the next begins, or -1 where there is none, or not all of it. */
  become(bytes: Buffer, from: number): number {
    this.bytes = bytes
    if (from + 2 > bytes.length) return -1
    this.#from = from
    this.width = ((bytes[from] as number) << 8) | (bytes[from + 1] as number)
    if (this.width === noRow) return -1
    let at = from + 2
    for (let column = 0; column < this.width; column++) {
      if (at + 4 > bytes.length) return -1
      const length = int32At(bytes, at)
      at += 4
      this.starts[column] = at
      this.lengths[column] = length
      if (length > 0) at += length
    }
    this.#end = at
    return at <= bytes.length ? at : -1
  }

  /** The whole row, in base64: `become` takes its bytes. */
  base64(): string {
    return this.bytes.toString('base64', this.#from, this.#end)
  }

  /** The text of a column of the type `text`, or of the letters of another. */
  text(column: number): string | null {
    const length = this.lengths[column] as number
    const start = this.starts[column] as number
    return length < 0 ? null : this.bytes.toString('utf8', start, start + length)
  }

  /** The text of a `uuid`. */
  uuid(column: number): string | null {
    if ((this.lengths[column] as number) < 0) return null
    const start = this.starts[column] as number
    const hex = this.bytes.toString('hex', start, start + 16)
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
  }

  /** A `bigint`, as far as a number holds it. */
  bigint(column: number): number | null {
    if ((this.lengths[column] as number) < 0) return null
    const start = this.starts[column] as number
    return int32At(this.bytes, start) * 2 ** 32 + (int32At(this.bytes, start + 4) >>> 0)
  }

  /** A `boolean`; null is false. */
  isTrue(column: number): boolean {
    return this.lengths[column] === 1 && this.bytes[this.starts[column] as number] === 1
  }
}

/** In place of the number of columns, after the last row. */
const noRow = 0xffff

/** A big-endian number of 32 bits. */
export const int32At = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] as number) << 24) |
  ((bytes[at + 1] as number) << 16) |
  ((bytes[at + 2] as number) << 8) |
  (bytes[at + 3] as number)
