import { type ExecutionState, isEnded } from '../states.ts'
import { laneOf, type Lane, type OpenAttempt } from './lane.ts'
import { detailText } from './event-details.ts'
import type { TimelineEvent } from './timeline-event.ts'

/** How an execution stands, in the words of its record. */
export type TimelineStatus = ExecutionState

/** The moment a rollback was triggered, and by what. */
export interface RollbackMark {
  readonly at: number
  readonly step: string | null
  readonly reason: string | null
}

/** An execution as lanes of spans. Instants are milliseconds since 1970. */
export interface Timeline {
  readonly executionId: string
  readonly workflowName: string
  readonly workflowVersion: string
  readonly correlationId: string | null
  readonly status: TimelineStatus
  readonly from: number
  /** The last event of an ended execution; now, for one under way. */
  readonly to: number
  /** Why it failed or was cancelled. */
  readonly reason: string | null
  readonly failedStep: string | null
  readonly rollbacks: readonly RollbackMark[]
  /** DO in the order of the plan, then UNDO in the order in which they ran. */
  readonly lanes: readonly Lane[]
}

/** What the events alone do not say. */
export interface TimelineContext {
  /** Milliseconds since 1970: where the spans of an execution that is under way end. */
  readonly now: number
  /** Attempts that were claimed and have no outcome on record. */
  readonly open?: readonly OpenAttempt[]
}

/**
 * The timeline of one execution from its events, which may come in any order; those that belong to another
 * execution than the first are an error of the caller. Events without an `executionSeq` (recorded by an
 * application about the execution) draw nothing. Throws a RangeError when there is no event.
 */
export function timelineOf(recorded: readonly TimelineEvent[], context: TimelineContext): Timeline {
  const events = recorded
    .filter((event) => event.executionSeq !== null)
    .toSorted((a, b) => (a.executionSeq ?? 0) - (b.executionSeq ?? 0))
  const [first] = events
  const last = events.at(-1)
  if (!first || !last) throw new RangeError('a timeline needs at least one event of an execution')
  const status = statusOf(events)
  const from = Date.parse(first.timestamp)
  const to = Math.max(from, isEnded(status) ? Date.parse(last.timestamp) : context.now)
  return {
    executionId: first.executionId ?? '',
    workflowName: first.workflowName ?? '',
    workflowVersion: first.workflowVersion ?? '',
    correlationId: first.correlationId,
    status,
    from,
    to,
    ...failureOf(events),
    rollbacks: rollbacksOf(events),
    lanes: lanesOf(events, { ended: isEnded(status), to, open: context.open ?? [] }),
  }
}

/** How an execution stands by its events alone, which are in order. */
export function statusOf(events: readonly Pick<TimelineEvent, 'eventType' | 'details'>[]): TimelineStatus {
  let cancelled = false
  let status: TimelineStatus = 'pending'
  for (const event of events) {
    if (event.eventType === 'ORCHESTRATION_CANCELLED') cancelled = true
    if (event.eventType === 'ORCHESTRATION_FAILED') cancelled = false
    const isUnblocked: boolean = status === 'blocked' && unblocking.has(detailText(event, 'action'))
    status = statusAfter(event.eventType, cancelled) ?? (isUnblocked ? 'running' : status)
  }
  return status
}

/** Orders to a step, by which an execution that waits for an operator goes on: it leaves no event of its own. */
const unblocking: ReadonlySet<string | null> = new Set(['retry', 'skip', 'resolve'])

function statusAfter(eventType: string, cancelled: boolean): TimelineStatus | null {
  switch (eventType) {
    case 'ORCHESTRATION_STARTED':
    case 'ORCHESTRATION_RESUMED':
      return 'running'
    case 'ORCHESTRATION_PAUSED':
      return 'paused'
    case 'ORCHESTRATION_BLOCKED':
      return 'blocked'
    case 'ORCHESTRATION_COMPLETED':
      return 'completed'
    case 'ORCHESTRATION_FAILED':
    case 'ROLLBACK_TRIGGERED':
    case 'ROLLBACK_STARTED':
      return 'rolling_back'
    case 'ROLLBACK_COMPLETED':
      return cancelled ? 'cancelled' : 'failed'
    case 'ROLLBACK_FAILED':
      return 'rollback_failed'
    case 'ORCHESTRATION_CANCELLED':
      return 'cancelled'
    default:
      return null
  }
}

function failureOf(events: readonly TimelineEvent[]): Pick<Timeline, 'reason' | 'failedStep'> {
  const failure = events.findLast(
    ({ eventType }) => eventType === 'ORCHESTRATION_FAILED' || eventType === 'ORCHESTRATION_CANCELLED',
  )
  if (!failure) return { reason: null, failedStep: null }
  return { reason: failure.reason, failedStep: detailText(failure, 'failedStep') }
}

function rollbacksOf(events: readonly TimelineEvent[]): readonly RollbackMark[] {
  return events
    .filter(({ eventType }) => eventType === 'ROLLBACK_TRIGGERED')
    .map((event) => ({
      at: Date.parse(event.timestamp),
      step: detailText(event, 'triggerStep'),
      reason: event.reason,
    }))
}

interface LaneEnd {
  readonly ended: boolean
  readonly to: number
  readonly open: readonly OpenAttempt[]
}

function lanesOf(events: readonly TimelineEvent[], end: LaneEnd): readonly Lane[] {
  const operations = Map.groupBy(
    events.filter((event) => event.stepName !== null),
    (event) => `${event.operationType ?? 'DO'} ${event.stepName}`,
  )
  const planned = plannedSteps(events).map((step) => `DO ${step}`)
  const unplanned = [...operations.keys()].filter((key) => key.startsWith('DO ') && !planned.includes(key))
  const undone = [...operations.keys()].filter((key) => key.startsWith('UNDO '))
  return [...planned, ...unplanned, ...undone].map((key) =>
    laneOf({
      operation: key.startsWith('UNDO ') ? 'UNDO' : 'DO',
      stepName: key.slice(key.indexOf(' ') + 1),
      events: operations.get(key) ?? [],
      ...end,
    }),
  )
}

function plannedSteps(events: readonly TimelineEvent[]): readonly string[] {
  const plan = events.find(({ eventType }) => eventType === 'ORCHESTRATION_STARTED')?.details?.['plan']
  if (!Array.isArray(plan)) return []
  return plan.flatMap((step: unknown) =>
    typeof step === 'object' && step !== null && 'name' in step && typeof step.name === 'string'
      ? [step.name]
      : [],
  )
}
