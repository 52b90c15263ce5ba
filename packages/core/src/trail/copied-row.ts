import type { Cell } from '@steptrail/event'
import type { OutgoingEvent } from '@steptrail/recorder'
import type { BinaryCells, CellType } from '../database/binary-cells.ts'
import { BinaryRow, int32At } from '../database/binary-row.ts'
import { isoOf } from '../execution/instant.ts'
import { recordedColumns, recordedTypes } from './recorded-columns.ts'

/** Where the row of an event lies among others. */
export interface RowPlace {
  readonly rows: BinaryCells
  readonly start: number
  readonly end: number
}

/** An event that is a row of COPY already: what else is asked of it is read from that. */
export class CopiedRow implements OutgoingEvent {
  readonly timestampMs: number
  readonly #rows: BinaryCells
  readonly #start: number
  readonly #end: number

  constructor(timestampMs: number, { rows, start, end }: RowPlace) {
    this.timestampMs = timestampMs
    this.#rows = rows
    this.#start = start
    this.#end = end
  }

  get id(): string {
    return this.#row().uuid(0) as string
  }

  get size(): number {
    return this.#end - this.#start
  }

  /** The row as COPY takes it, its salt included. */
  get bytes(): Uint8Array {
    return this.#rows.bytes.subarray(this.#start, this.#end)
  }

  get json(): string {
    const cells = this.cells()
    const entries = recordedColumns.flatMap(({ key, column }, place) => {
      const cell = cells[place] ?? null
      if (cell === null) return []
      if (key === 'timestamp') return [[column, isoOf(this.timestampMs)]]
      return [[column, key === 'details' ? (JSON.parse(String(cell)) as unknown) : cell]]
    })
    return JSON.stringify(Object.fromEntries(entries))
  }

  /** What the columns hold, in the order of `recordedColumns`. */
  cells(): readonly Cell[] {
    const row = this.#row()
    return recordedTypes.map((type, column) =>
      type === 'timestamptz' ? this.timestampMs : cellOf(row, column, type),
    )
  }

  #row(): BinaryRow {
    const row = new BinaryRow()
    row.become(this.#rows.bytes, this.#start)
    return row
  }
}

function cellOf(row: BinaryRow, column: number, type: Exclude<CellType, 'timestamptz'>): Cell {
  const start = row.starts[column] as number
  const length = row.lengths[column] as number
  if (length < 0) return null
  if (type === 'uuid') return row.uuid(column)
  if (type === 'bigint') return row.bigint(column)
  if (type === 'integer') return int32At(row.bytes, start)
  // Before the text of `jsonb` stands the version of its format.
  if (type === 'jsonb') return row.bytes.toString('utf8', start + 1, start + length)
  return row.text(column)
}
