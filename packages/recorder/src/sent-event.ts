import { eventColumns } from '@steptrail/event'
import type { OutgoingEvent } from './outgoing-event.ts'

const keyOf: ReadonlyMap<string, string> = new Map(eventColumns.map(({ column, key }) => [column, key]))

/** An event as it is sent over HTTP or a stream, as JSON: its row under the names of the record. */
export function sentEvent({ json }: OutgoingEvent): string {
  const row = JSON.parse(json) as Readonly<Record<string, unknown>>
  const event: Record<string, unknown> = {}
  for (const column in row) event[keyOf.get(column) ?? column] = row[column]
  return JSON.stringify(event)
}
