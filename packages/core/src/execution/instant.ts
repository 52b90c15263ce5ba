import { isoInstant } from '@steptrail/event'

/** An instant as the database and JSON carry it: ISO 8601, UTC, whole milliseconds. */
export const isoOf = (milliseconds: number): string => isoInstant(Math.trunc(milliseconds))

/** The same, where there may be none. */
export const optionalIsoOf = (milliseconds: number | null): string | null =>
  milliseconds === null ? null : isoOf(milliseconds)

/** Milliseconds since 1970 of an instant in ISO form. */
export const millisecondsOf = (iso: string): number => Date.parse(iso)

/** The same, where there may be none. */
export const optionalMillisecondsOf = (iso: string | null): number | null =>
  iso === null ? null : millisecondsOf(iso)
