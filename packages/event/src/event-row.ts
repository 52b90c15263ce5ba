import { TrailError } from './error.ts'
import { eventColumns } from './event-columns.ts'
import type { AuditEvent } from './record.ts'

/** An event under the column names of `audit_event`. */
export type EventRow = {
  readonly [Column in (typeof eventColumns)[number] as Column['column']]: AuditEvent[Column['key']]
}

/** The event with its columns' names for keys, in table order. */
export function toEventRow(event: AuditEvent): EventRow {
  return Object.fromEntries(eventColumns.map(({ key, column }) => [column, event[key]])) as EventRow
}

/**
 * The event that a row of `audit_event` is. Further columns are left out; a missing one is an `invalid_event`,
 * so that a forgotten column does not read as "none".
 */
export function fromEventRow(row: EventRow): AuditEvent {
  return Object.fromEntries(eventColumns.map(({ key, column }) => [key, valueOf(row, column)])) as AuditEvent
}

function valueOf(row: EventRow, column: keyof EventRow): EventRow[keyof EventRow] {
  const value = row[column]
  if (value !== undefined) return value
  throw new TrailError(
    'invalid_event',
    `the row has no column ${column}: select every column that eventColumns names`,
    { details: { path: column } },
  )
}
