import {
  type AttemptOutcome,
  formatDuration,
  type Lane,
  type LaneOutcome,
  type Span,
} from '@steptrail/workflow/timeline'

const attemptWords: Readonly<Record<AttemptOutcome, string>> = {
  success: 'worked',
  failed: 'failed',
  timed_out: 'timed out',
  worker_lost: 'worker lost',
  running: 'under way',
  cancelled: 'cancelled',
}

/** What came of an operation, in words. */
export const laneWords: Readonly<Record<LaneOutcome, string>> = {
  complete: 'complete',
  failed: 'failed',
  skipped: 'skipped',
  resolved: 'resolved by hand',
  cancelled: 'cancelled',
  running: 'under way',
  waiting: 'waiting',
  not_started: 'never ran',
}

/** The sign of what came of an operation; an UNDO that is complete has one of its own. */
export function laneSign({ outcome, operation }: Pick<Lane, 'outcome' | 'operation'>): string {
  if (outcome === 'complete' && operation === 'UNDO') return '↶'
  const signs: Readonly<Record<LaneOutcome, string>> = {
    complete: '✓',
    failed: '✗',
    skipped: '»',
    resolved: '✎',
    cancelled: '⊘',
    running: '▶',
    waiting: '…',
    not_started: '–',
  }
  return signs[outcome]
}

/** A span in words: `attempt 2 failed, 1.20 s`. */
export function spanWords(span: Span): string {
  const length = formatDuration(span.to - span.from)
  if (span.kind === 'attempt') return `attempt ${span.attempt} ${attemptWords[span.outcome]}, ${length}`
  return span.kind === 'backoff' ? `back-off before a retry, ${length}` : `waiting for a worker, ${length}`
}

/** A lane in words, for those who do not see it. */
export function describeLane(lane: Lane): string {
  const attempts = lane.spans.filter(({ kind }) => kind === 'attempt')
  const told = lane.spans.slice(0, 12).map(spanWords)
  const more = lane.spans.length > 12 ? [`and ${lane.spans.length - 12} more`] : []
  const count = attempts.length === 1 ? '1 attempt' : `${attempts.length} attempts`
  return [`${lane.stepName} ${lane.operation}: ${laneWords[lane.outcome]}, ${count}`, ...told, ...more].join(
    '; ',
  )
}

/** How a span is drawn: the name of its style. */
export function spanStyle(span: Span, operation: 'DO' | 'UNDO'): string {
  if (span.kind !== 'attempt') return span.kind
  return span.outcome === 'success' && operation === 'UNDO' ? 'undone' : span.outcome
}
