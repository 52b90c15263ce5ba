import type { AuditEvent } from '@steptrail/event'
import { formatDuration } from '../terminal/duration.ts'
import type { Style, Terminal } from '../terminal/terminal.ts'
import { cut, padEnd, padStart, printable, widthOf, wrap } from '../terminal/text.ts'
import { detailNumber, detailText } from './event-details.ts'
import { type Glyphs, glyphsFor } from './glyphs.ts'

/**
 * Events of one execution as lines, in sequence order: number, time (UTC), time since the first event, type,
 * step, and what it says, which goes on lines of its own where it finds no room.
 */
export function drawEvents(events: readonly AuditEvent[], terminal: Terminal): readonly string[] {
  const ordered = events.toSorted((a, b) => (a.executionSeq ?? Infinity) - (b.executionSeq ?? Infinity))
  const start = Date.parse(ordered[0]?.timestamp ?? '')
  const entries = ordered.map((event) => entryOf(event, start, terminal))
  const columns = {
    seq: widest(
      entries.map((entry) => entry.seq),
      'seq',
    ),
    since: widest(
      entries.map((entry) => entry.since),
      'since',
    ),
    type: widest(
      entries.map((entry) => entry.type),
      'event',
    ),
    step: widest(
      entries.map((entry) => entry.step),
      'step',
    ),
  }
  const titles = { seq: 'seq', time: 'time (UTC)', since: 'since', type: 'event', step: 'step' }
  return [
    terminal.paint('dim', leadOf(titles, columns) + padEnd(titles.type, columns.type + 1) + titles.step),
    ...entries.flatMap((entry) => drawEntry(entry, columns, terminal)),
  ]
}

interface Entry {
  readonly seq: string
  readonly time: string
  readonly since: string
  readonly type: string
  readonly typeStyles: readonly Style[]
  readonly step: string
  readonly said: string
}

type Columns = Readonly<Record<'seq' | 'since' | 'type' | 'step', number>>

function entryOf(event: AuditEvent, start: number, terminal: Terminal): Entry {
  const glyphs = glyphsFor(terminal)
  return {
    seq: event.executionSeq === null ? glyphs.dash : String(event.executionSeq),
    time: event.timestamp.slice(11, 23),
    since: `+${formatDuration(Date.parse(event.timestamp) - start)}`,
    type: printable(event.eventType),
    typeStyles: eventStyles(event),
    step: cut(stepText(event), Math.floor(terminal.width / 3), glyphs.ellipsis),
    said: printable(describeEvent(event, glyphs)),
  }
}

const timeWidth = 12

const widest = (texts: readonly string[], title: string): number =>
  Math.max(title.length, ...texts.map(widthOf))

const leadOf = (entry: Pick<Entry, 'seq' | 'time' | 'since'>, columns: Columns): string =>
  `${padStart(entry.seq, columns.seq)} ${padEnd(entry.time, timeWidth)} ${padStart(entry.since, columns.since)}  `

/**
 * With room: all in one line. With less: an event of no step says its text in the column of the step, and what
 * does not fit goes below. With none: step and text go below.
 */
function drawEntry(entry: Entry, columns: Columns, terminal: Terminal): readonly string[] {
  const lead = leadOf(entry, columns)
  const step = lead.length + columns.type + 1
  const said = step + columns.step + 1
  const type = terminal.paint(entry.typeStyles, padEnd(entry.type, columns.type))
  const head = `${terminal.paint('dim', lead)}${type} `
  const line = `${head}${padEnd(entry.step, columns.step)} `
  const below = (text: string): readonly string[] => hang('', text, { column: lead.length, terminal })
  if (terminal.width - step < Math.max(columns.step, 24))
    return [head.trimEnd(), ...below([entry.step, entry.said].filter((text) => text !== '').join(': '))]
  if (terminal.width - said >= 36) return hang(line, entry.said, { column: said, terminal })
  if (entry.step === '') return hang(head, entry.said, { column: step, terminal })
  if (widthOf(entry.said) <= terminal.width - said) return hang(line, entry.said, { column: said, terminal })
  return [line.trimEnd(), ...below(entry.said)]
}

/** `text`, from `column` on, behind `line` and in as many lines below as it needs. */
function hang(
  line: string,
  text: string,
  { column, terminal }: { readonly column: number; readonly terminal: Terminal },
): readonly string[] {
  const [first = '', ...rest] = wrap(text, terminal.width - column)
  return [
    padEnd(line, column) + terminal.paint('dim', first),
    ...rest.map((part) => ' '.repeat(column) + terminal.paint('dim', part)),
  ].map((each) => each.trimEnd())
}

function stepText(event: AuditEvent): string {
  return event.stepName === null ? '' : printable(`${event.stepName} ${event.operationType ?? ''}`.trim())
}

/** How an event's type is painted. */
export function eventStyles(event: AuditEvent): readonly Style[] {
  if (event.status === 'FAILED') return ['red']
  if (event.status === 'SUCCESS') return ['green']
  return event.severity === 'warning' ? ['yellow'] : []
}

/** What an event says beyond its type and step, in a few words. */
export function describeEvent(event: AuditEvent, glyphs: Glyphs): string {
  switch (event.eventType) {
    case 'STEP_STARTED':
      return `${glyphs.arrow} ${event.serviceName ?? ''}`
    case 'STEP_SUCCESS':
      return [took(event), attemptText(event)].filter((text) => text !== '').join(', ')
    case 'STEP_FAILED': {
      const error = detailText(event, 'errorMessage')
      const reason = event.reason ?? error ?? ''
      return `attempt ${(event.retryCount ?? 0) + 1}: ${reason}${error !== null && error !== reason ? ` (${error})` : ''}`
    }
    case 'STEP_RETRY_TRIGGERED':
      return `${detailText(event, 'message') ?? 'Retry'} in ${formatDuration(detailNumber(event, 'backoffMs') ?? 0)}`
    case 'ROLLBACK_STARTED':
      return namesOf(event, 'stepsToRollback')
    case 'ROLLBACK_COMPLETED':
      return namesOf(event, 'rolledBackSteps')
    case 'ORCHESTRATION_COMPLETED':
      return took(event)
    default:
      return event.reason ?? event.message ?? ''
  }
}

const took = (event: AuditEvent): string =>
  event.durationMs === null ? '' : formatDuration(event.durationMs)

const attemptText = (event: AuditEvent): string => (event.retryCount ? `attempt ${event.retryCount + 1}` : '')

function namesOf(event: AuditEvent, key: string): string {
  const names: unknown = event.details?.[key]
  if (!Array.isArray(names)) return ''
  return names.length === 0 ? 'nothing to roll back' : names.join(', ')
}
