import { BinaryCells, type CellType } from './binary-cells.ts'

/** The numbers under which every PostgreSQL knows the types of elements (`pg_type.oid`). */
const elementOids: Readonly<Record<CellType, number>> = {
  uuid: 2950,
  text: 25,
  bigint: 20,
  integer: 23,
  jsonb: 3802,
  timestamptz: 1184,
}

/**
 * An array as a parameter in PostgreSQL's binary format, written as its values come: no text to quote here, none to
 * parse there. Elements that are never set are null.
 *
 * The format is that of the server's `array_recv`: number of dimensions, whether there are nulls, the elements' type,
 * the length, the lower bound, and then the elements.
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
    this.#cells = new BinaryCells(headerBytes + usualBytes * length)
    for (const field of [length > 0 ? 1 : 0, 0, elementOids[type], length, 1]) this.#cells.int32(field)
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
    return this.#length > 0 ? bytes : bytes.subarray(0, emptyBytes)
  }

  #fill(index: number): void {
    if (this.#count === index) return
    this.#cells.nulls(index - this.#count)
    this.#count = index
    this.#hasNull = 1
  }
}

/** Dimensions, nulls, type, length, lower bound; an array without elements ends after the type. */
const headerBytes = 20
const emptyBytes = 12
const usualBytes = 16
