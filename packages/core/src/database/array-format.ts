import type { CellType } from './binary-cells.ts'

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
 * How an array without nulls begins in PostgreSQL's binary format, as numbers of four bytes. The format is that of the
 * server's `array_recv`: number of dimensions, whether there are nulls, the elements' type, the length, the lower
 * bound, and then the elements, each behind its length in bytes.
 */
export const arrayHeader = (type: CellType, length: number): readonly number[] => [
  length > 0 ? 1 : 0,
  0,
  elementOids[type],
  length,
  1,
]

/** The bytes of `arrayHeader`; an array without elements ends after the type. */
export const arrayHeaderBytes = 20
/** The bytes of an array without elements. */
export const emptyArrayBytes = 12
