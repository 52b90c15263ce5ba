import { type Cell, eventColumns, rowKeys } from '@steptrail/event'
import type { OutgoingEvent } from './outgoing-event.ts'

/** An event as it is sent over HTTP or a stream, as JSON: its row under the names of the record. */
export function sentEvent(event: OutgoingEvent): string {
  return event.row ? sentCells(event.row.cells()) : renamed(event.json)
}

function sentCells(cells: readonly Cell[]): string {
  let json = ''
  for (const [place, key] of rowKeys.entries()) {
    const cell = cells[place] ?? null
    if (cell === null) continue
    if (json !== '') json += ','
    if (key === 'details') json += `"details":${cell}`
    else if (key === 'timestamp') json += `"timestamp":"${new Date(cell).toISOString()}"`
    else json += typeof cell === 'number' ? `"${key}":${cell}` : `"${key}":${JSON.stringify(cell)}`
  }
  return `{${json}}`
}

const keyOf: ReadonlyMap<string, string> = new Map(eventColumns.map(({ column, key }) => [column, key]))

/** Of an event that is JSON alone, out of a spool for example. */
function renamed(json: string): string {
  const row = JSON.parse(json) as Readonly<Record<string, unknown>>
  const event: Record<string, unknown> = {}
  for (const column in row) event[keyOf.get(column) ?? column] = row[column]
  return JSON.stringify(event)
}
