import { arrayHeader, arrayHeaderBytes, emptyArrayBytes } from './array-format.ts'
import { BinaryCells, type CellType } from './binary-cells.ts'

/**
 * An array as a parameter in PostgreSQL's binary format, written as its values come: no text to quote here, none to
 * parse there. Elements that are never set are null.
 */
export class ArrayParameter {
  readonly #type: CellType
  readonly #length: number
  readonly #cells: BinaryCells
  #count = 0
  #hasNull = 0

  constructor(type: CellType, length: number) {
    this.#type = type
    this.#length = length
    this.#cells = new BinaryCells(arrayHeaderBytes + usualBytes * length)
    for (const field of arrayHeader(type, length)) this.#cells.int32(field)
  }

  /**
   * Sets an element; those before it that were not set are null. Elements are set in order, each once.
   *
   * @throws RangeError as `BinaryCells.cell` does
   */
  set(index: number, value: string | number): void {
    this.#fill(index)
    this.#count += 1
    this.#cells.cell(this.#type, value)
  }

  /** The whole array. Call it once, when every element has been set. */
  encoded(): Buffer {
    this.#fill(this.#length)
    const { bytes } = this.#cells
    bytes.writeInt32BE(this.#hasNull, 4)
    return this.#length > 0 ? bytes : bytes.subarray(0, emptyArrayBytes)
  }

  #fill(index: number): void {
    if (this.#count === index) return
    this.#cells.nulls(index - this.#count)
    this.#count = index
    this.#hasNull = 1
  }
}

const usualBytes = 16
