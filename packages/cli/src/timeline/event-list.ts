import type { AuditEvent } from '@steptrail/event'
import { formatDuration } from '@steptrail/workflow/timeline'
import type { Terminal } from '../terminal/terminal.ts'
import { padEnd, padStart, widthOf } from '../terminal/text.ts'
import { drawEntry, entryOf } from './event-entry.ts'
import { glyphsFor } from './glyphs.ts'

/**
 * Events of one execution as lines, in sequence order: number, time (UTC), time since the first event, type,
 * step, and what it says.
 */
export function drawEvents(events: readonly AuditEvent[], terminal: Terminal): readonly string[] {
  const ordered = events.toSorted((a, b) => (a.executionSeq ?? Infinity) - (b.executionSeq ?? Infinity))
  const start = Date.parse(ordered[0]?.timestamp ?? '')
  const rows = ordered.map((event) => ({
    entry: entryOf(event, terminal),
    ...positionOf(event, start, terminal),
  }))
  const seqWidth = widest(
    rows.map((row) => row.seq),
    'seq',
  )
  const sinceWidth = widest(
    rows.map((row) => row.since),
    'since',
  )
  const columns = {
    type: widest(
      rows.map((row) => row.entry.type),
      'event',
    ),
    subject: widest(
      rows.map((row) => row.entry.subject),
      'step',
    ),
  }
  const lead = ({ seq, time, since }: Position): string =>
    `${padStart(seq, seqWidth)} ${padEnd(time, timeWidth)} ${padStart(since, sinceWidth)}  `
  const titles = lead({ seq: 'seq', time: 'time (UTC)', since: 'since' })
  return [
    terminal.paint('dim', `${titles}${padEnd('event', columns.type)} step`),
    ...rows.flatMap((row) => drawEntry(row.entry, { lead: lead(row), columns, terminal })),
  ]
}

interface Position {
  readonly seq: string
  readonly time: string
  readonly since: string
}

function positionOf(event: AuditEvent, start: number, terminal: Terminal): Position {
  return {
    seq: event.executionSeq === null ? glyphsFor(terminal).dash : String(event.executionSeq),
    time: event.timestamp.slice(11, 23),
    since: `+${formatDuration(Date.parse(event.timestamp) - start)}`,
  }
}

const timeWidth = 12

const widest = (texts: readonly string[], title: string): number =>
  Math.max(title.length, ...texts.map(widthOf))
