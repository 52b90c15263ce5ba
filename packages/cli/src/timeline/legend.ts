import type { Style, Terminal } from '../terminal/terminal.ts'
import { widthOf } from '../terminal/text.ts'
import { glyphsFor, spanStyle } from './glyphs.ts'
import type { AttemptSpan, Span, Timeline } from '@steptrail/workflow/timeline'

interface Entry {
  readonly sign: string
  readonly styles: readonly Style[]
  readonly meaning: string
}

/** Explains the signs that occur in this timeline, and no others, in as many lines as they need. */
export function drawLegend(timeline: Timeline, terminal: Terminal): readonly string[] {
  const lines: string[] = []
  for (const { sign, styles, meaning } of entriesOf(timeline, terminal)) {
    const entry = `${terminal.paint(styles, sign)} ${terminal.paint('dim', meaning)}`
    const line = lines.at(-1)
    if (line !== undefined && widthOf(line) + widthOf(entry) + 3 <= terminal.width)
      lines[lines.length - 1] = `${line}   ${entry}`
    else lines.push(`  ${entry}`)
  }
  return lines
}

const meanings: Readonly<Record<AttemptSpan['outcome'], string>> = {
  success: 'attempt that worked',
  failed: 'failed',
  timed_out: 'timed out',
  worker_lost: 'worker lost',
  running: 'under way',
  cancelled: 'cancelled',
}

function entriesOf(timeline: Timeline, terminal: Terminal): readonly Entry[] {
  const glyphs = glyphsFor(terminal)
  const entries = new Map<string, Entry>()
  const add = (span: Span, operation: 'DO' | 'UNDO'): void => {
    const entry = {
      sign: span.kind === 'attempt' ? glyphs.ends[span.outcome] : glyphs[span.kind],
      styles: spanStyle(span, operation),
      meaning: meaningOf(span, operation),
    }
    entries.set(entry.meaning, entry)
  }
  const drawn = timeline.lanes.flatMap(({ spans, operation }) => spans.map((span) => ({ span, operation })))
  for (const { span, operation } of drawn.toSorted((a, b) => order(a.span) - order(b.span)))
    add(span, operation)
  if (timeline.rollbacks.length > 0)
    entries.set('rollback', { sign: glyphs.rollback, styles: ['red', 'dim'], meaning: 'rollback triggered' })
  return [...entries.values()]
}

const order = (span: Span): number => ['attempt', 'backoff', 'waiting'].indexOf(span.kind)

function meaningOf(span: Span, operation: 'DO' | 'UNDO'): string {
  if (span.kind === 'backoff') return 'back-off before a retry'
  if (span.kind === 'waiting') return 'waiting for a worker'
  return span.outcome === 'success' && operation === 'UNDO' ? 'undone' : meanings[span.outcome]
}
