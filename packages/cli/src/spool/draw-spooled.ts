import type { OutgoingEvent } from '@steptrail/recorder'
import { drawTable } from '../terminal/table.ts'
import type { Terminal } from '../terminal/terminal.ts'

/** An event that waits in a spool: the row of `audit_event` that it will be. */
export type SpooledEvent = Readonly<Record<string, unknown>>

/** Reads the row of an event. */
export const spooledEvent = ({ json }: OutgoingEvent): SpooledEvent => JSON.parse(json) as SpooledEvent

/** Events as lines: when, what, by whom, how it went. */
export function drawSpooled(events: readonly SpooledEvent[], terminal: Terminal): readonly string[] {
  const column = (event: SpooledEvent, name: string): string => {
    const value = event[name]
    return typeof value === 'string' ? value : ''
  }
  return drawTable(
    [
      { title: 'time (UTC)' },
      { title: 'event', gives: 2, least: 12 },
      { title: 'action', gives: 4, least: 12 },
      { title: 'status' },
      { title: 'service', gives: 5, least: 10 },
      { title: 'id' },
      { title: 'message', gives: 6, least: 15 },
    ],
    events.map((event) => [
      { text: column(event, 'timestamp').slice(0, 23).replace('T', ' '), styles: ['dim'] },
      { text: column(event, 'event_type') },
      { text: column(event, 'action') },
      { text: column(event, 'status'), styles: column(event, 'status') === 'FAILED' ? ['red'] : [] },
      { text: column(event, 'service_name') },
      { text: column(event, 'id'), styles: ['dim'] },
      { text: column(event, 'message') },
    ]),
    terminal,
  )
}
