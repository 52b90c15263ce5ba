import type { AuditEvent } from '@steptrail/event'
import { describeEvent, subjectOf } from '@steptrail/workflow/timeline'
import type { Style, Terminal } from '../terminal/terminal.ts'
import { cut, padEnd, printable, widthOf, wrap } from '../terminal/text.ts'
import { glyphsFor } from './glyphs.ts'

/** An event as it is drawn, after what leads it in. */
export interface EventEntry {
  readonly type: string
  readonly typeStyles: readonly Style[]
  readonly subject: string
  readonly said: string
}

/** How wide the columns are. */
export interface EntryColumns {
  readonly type: number
  readonly subject: number
}

/** What is drawn of an event, safe to show. */
export function entryOf(event: AuditEvent, terminal: Terminal): EventEntry {
  const glyphs = glyphsFor(terminal)
  return {
    type: cut(printable(event.eventType), Math.floor(terminal.width / 3), glyphs.ellipsis),
    typeStyles: eventStyles(event),
    subject: cut(printable(subjectOf(event)), Math.floor(terminal.width / 3), glyphs.ellipsis),
    said: printable(describeEvent(event, glyphs.arrow)),
  }
}

/** What leads an event in, and the columns behind it. */
export interface EntryFrame {
  readonly lead: string
  readonly columns: EntryColumns
  readonly terminal: Terminal
}

/**
 * With room: all in one line; an event of no step says its text in the column of the step. With less, what does not
 * fit goes below; with none, step and text do. No line is wider than the terminal.
 */
export function drawEntry(entry: EventEntry, { lead, columns, terminal }: EntryFrame): readonly string[] {
  const { said } = entry
  const { paint, width } = terminal
  const below = lead.length
  const subjectColumn = below + columns.type + 1
  const saidColumn = subjectColumn + columns.subject + 1
  const head = `${paint('dim', lead)}${paint(entry.typeStyles, padEnd(entry.type, columns.type))} `
  const line = `${head}${padEnd(entry.subject, columns.subject)} `
  const hang = (start: string, text: string, column: number): readonly string[] => {
    const [first = '', ...rest] = wrap(text, width - column).map((part) => paint('dim', part))
    return [padEnd(start, column) + first, ...rest.map((part) => ' '.repeat(column) + part)].map((each) =>
      each.trimEnd(),
    )
  }
  if (width - subjectColumn < Math.max(columns.subject, 24))
    return [
      head.trimEnd(),
      ...hang('', [entry.subject, said].filter((text) => text !== '').join(': '), below),
    ]
  if (entry.subject === '') return hang(head, said, subjectColumn)
  if (width - saidColumn >= comfortable || widthOf(said) <= width - saidColumn)
    return hang(line, said, saidColumn)
  return [line.trimEnd(), ...hang('', said, below)]
}

/** Columns in which a sentence can be read. */
const comfortable = 36

/** How an event's type is painted. */
function eventStyles(event: AuditEvent): readonly Style[] {
  if (event.status === 'FAILED') return ['red']
  if (event.status === 'SUCCESS') return ['green']
  return event.severity === 'warning' ? ['yellow'] : []
}
