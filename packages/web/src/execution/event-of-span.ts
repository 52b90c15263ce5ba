import type { Lane, Span } from '@steptrail/workflow/timeline'
import type { StoryEvent } from './story.ts'

/** The event that tells of a span: its outcome, what triggered its back-off, else the last one before it. */
export function eventOfSpan(events: readonly StoryEvent[], lane: Lane, span: Span): StoryEvent | undefined {
  const own = events.filter(
    (event) => event.stepName === lane.stepName && (event.operationType ?? 'DO') === lane.operation,
  )
  if (span.kind === 'attempt' && span.outcomeSeq !== null)
    return own.find(({ executionSeq }) => executionSeq === span.outcomeSeq)
  const before = own.filter(({ timestamp }) => Date.parse(timestamp) <= span.to)
  if (span.kind === 'backoff')
    return before.findLast(({ eventType }) => eventType === 'STEP_RETRY_TRIGGERED') ?? before.at(-1)
  return before.findLast(({ timestamp }) => Date.parse(timestamp) <= span.from) ?? before[0]
}
