import { eventColumns } from '@steptrail/event'
import type { OutgoingEvent } from '@steptrail/recorder'

const keyOf: ReadonlyMap<string, string> = new Map(eventColumns.map(({ column, key }) => [column, key]))

/** An event as a request holds it: its row under the names of the record. */
export function postedEvent({ json }: OutgoingEvent): string {
  const row = JSON.parse(json) as Readonly<Record<string, unknown>>
  const event: Record<string, unknown> = {}
  for (const column in row) event[keyOf.get(column) ?? column] = row[column]
  return JSON.stringify(event)
}
