import type { BinaryCells } from './binary-cells.ts'

/**
 * The frame of a binary COPY (PostgreSQL, "COPY", "Binary Format"): a signature with flags and the length of an
 * extension, of both of which there is nothing; rows, each behind the number of its columns; and -1 in place of a row.
 */
export function beginCopy(cells: BinaryCells): void {
  cells.raw(signature)
  cells.int32(0)
  cells.int32(0)
}

/** A row with so many cells, which come next. */
export const beginRow = (cells: BinaryCells, columns: number): void => cells.int16(columns)

/** There are no more rows. */
export const endCopy = (cells: BinaryCells): void => cells.int16(-1)

/** With bytes that whatever changes ends of lines or the eighth bit would change. */
const signature = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1')
