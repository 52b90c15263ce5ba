import type { Style, Terminal } from '../terminal/terminal.ts'
import type { AttemptOutcome, LaneOutcome, Span } from '@steptrail/workflow/timeline'

/** Every character a timeline is drawn with. */
export interface Glyphs {
  readonly working: string
  /** The last cell of an attempt. */
  readonly ends: Readonly<Record<AttemptOutcome, string>>
  readonly lanes: Readonly<Record<LaneOutcome, string>>
  readonly undone: string
  readonly backoff: string
  readonly waiting: string
  readonly rollback: string
  readonly rule: string
  readonly tick: string
  readonly side: string
  readonly corners: readonly [topLeft: string, topRight: string, bottomLeft: string, bottomRight: string]
  readonly joints: readonly [left: string, right: string]
  readonly cross: string
  readonly ellipsis: string
  readonly arrow: string
  readonly dash: string
}

const unicode: Glyphs = {
  working: '▇',
  ends: {
    success: '▇',
    failed: '✗',
    timed_out: '◷',
    worker_lost: '†',
    running: '▶',
    cancelled: '⊘',
  },
  lanes: {
    complete: '✓',
    failed: '✗',
    skipped: '»',
    resolved: '✎',
    cancelled: '⊘',
    running: '▶',
    waiting: '·',
    not_started: ' ',
  },
  undone: '↶',
  backoff: '░',
  waiting: '·',
  rollback: '┊',
  rule: '─',
  tick: '┬',
  side: '│',
  corners: ['╭', '╮', '╰', '╯'],
  joints: ['├', '┤'],
  cross: '┼',
  ellipsis: '…',
  arrow: '→',
  dash: '–',
}

const ascii: Glyphs = {
  working: '#',
  ends: { success: '#', failed: 'x', timed_out: 'T', worker_lost: '!', running: '>', cancelled: '/' },
  lanes: {
    complete: '+',
    failed: 'x',
    skipped: 's',
    resolved: 'r',
    cancelled: '/',
    running: '>',
    waiting: '.',
    not_started: ' ',
  },
  undone: '<',
  backoff: '~',
  waiting: '.',
  rollback: ':',
  rule: '-',
  tick: '+',
  side: '|',
  corners: ['+', '+', '+', '+'],
  joints: ['+', '+'],
  cross: '+',
  ellipsis: '...',
  arrow: '->',
  dash: '-',
}

/** The characters for this terminal. */
export const glyphsFor = (terminal: Pick<Terminal, 'unicode'>): Glyphs => (terminal.unicode ? unicode : ascii)

/** How the cells of a span are painted: an UNDO that worked is not the colour of a DO that worked. */
export function spanStyle(span: Span, operation: 'DO' | 'UNDO'): readonly Style[] {
  if (span.kind === 'waiting') return ['dim']
  if (span.kind === 'backoff') return ['yellow']
  return attemptStyles[span.outcome] ?? [operation === 'UNDO' ? 'magenta' : 'green']
}

const attemptStyles: Readonly<Record<AttemptOutcome, readonly Style[] | null>> = {
  success: null,
  failed: ['red'],
  timed_out: ['red'],
  worker_lost: ['red', 'bold'],
  running: ['cyan'],
  cancelled: ['dim'],
}

/** How a lane's own mark is painted. */
export const laneStyles: Readonly<Record<LaneOutcome, readonly Style[]>> = {
  complete: ['green'],
  failed: ['red'],
  skipped: ['dim'],
  resolved: ['cyan'],
  cancelled: ['dim'],
  running: ['cyan'],
  waiting: ['dim'],
  not_started: ['dim'],
}
