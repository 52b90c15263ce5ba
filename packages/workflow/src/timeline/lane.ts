import { detailInstant, detailNumber, detailText } from './event-details.ts'
import type { TimelineEvent } from './timeline-event.ts'

/** What came of one attempt. */
export type AttemptOutcome = 'success' | 'failed' | 'timed_out' | 'worker_lost' | 'running' | 'cancelled'

/** What came of one operation of a step. */
export type LaneOutcome =
  'complete' | 'failed' | 'skipped' | 'resolved' | 'cancelled' | 'running' | 'waiting' | 'not_started'

/** One attempt: a worker held the step from its claim to its report, or until it was given up. */
export interface AttemptSpan {
  readonly kind: 'attempt'
  readonly from: number
  readonly to: number
  /** 1 for the first. */
  readonly attempt: number
  readonly outcome: AttemptOutcome
  readonly workerUuid: string | null
  /** The technical error of an attempt that failed. */
  readonly error: string | null
  /** The `executionSeq` of the event that has its outcome; null while there is none. */
  readonly outcomeSeq: number | null
}

/** A stretch of an operation's time. `waiting`: due, and no worker has claimed it. */
export type Span =
  | AttemptSpan
  | { readonly kind: 'backoff'; readonly from: number; readonly to: number }
  | { readonly kind: 'waiting'; readonly from: number; readonly to: number }

/** One operation of one step. Its spans are in order of time and do not overlap. */
export interface Lane {
  readonly stepName: string
  readonly operation: 'DO' | 'UNDO'
  readonly outcome: LaneOutcome
  readonly spans: readonly Span[]
  /** From STEP_STARTED to its end; null when it never started. */
  readonly durationMs: number | null
}

/** An attempt that was claimed and has no outcome on record, as the step's row knows it. */
export interface OpenAttempt {
  readonly stepName: string
  readonly operation: 'DO' | 'UNDO'
  readonly attempt: number
  /** Milliseconds since 1970. */
  readonly startedAt: number
  /** When it was cancelled; null while it runs. */
  readonly cancelledAt: number | null
  readonly workerUuid: string | null
}

/** What a lane is made from. */
export interface LaneSource {
  readonly stepName: string
  readonly operation: 'DO' | 'UNDO'
  /** Its own events, in sequence order. */
  readonly events: readonly TimelineEvent[]
  /** Whether the execution has ended, and where the timeline ends. */
  readonly ended: boolean
  readonly to: number
  readonly open: readonly OpenAttempt[]
}

/** The lane of one operation. */
export function laneOf(source: LaneSource): Lane {
  const { stepName, operation } = source
  const builder = new LaneBuilder()
  for (const event of source.events) builder.take(event)
  const open = source.open.find((each) => each.stepName === stepName && each.operation === operation)
  if (open) builder.takeOpen(open, source.to)
  else builder.takeRest(source)
  return { stepName, operation, ...builder.lane() }
}

class LaneBuilder {
  readonly #spans: Span[] = []
  #outcome: LaneOutcome = 'not_started'
  #startedAt: number | null = null
  #endedAt: number | null = null
  /** Since when the operation has been due without a claim; null when it is not due. */
  #dueAt: number | null = null
  #backoffFrom: number | null = null

  take(event: TimelineEvent): void {
    const at = Date.parse(event.timestamp)
    switch (event.eventType) {
      case 'STEP_STARTED':
        this.#startedAt ??= at
        this.#dueAt = at
        this.#outcome = 'waiting'
        break
      case 'STEP_SUCCESS':
      case 'STEP_FAILED':
        this.#takeOutcome(event, at)
        break
      case 'STEP_RETRY_TRIGGERED':
        this.#backoffFrom = this.#lastEnd() ?? at
        this.#dueAt = detailInstant(event, 'nextAttemptAt') ?? at + (detailNumber(event, 'backoffMs') ?? 0)
        this.#outcome = 'waiting'
        break
      case 'STEP_RETRY_REQUESTED':
        this.#dueAt = at
        this.#outcome = 'waiting'
        break
      case 'STEP_SKIPPED':
        this.#end('skipped', at)
        break
      case 'STEP_RESOLVED':
        this.#end('resolved', at)
        break
    }
  }

  takeOpen(open: OpenAttempt, now: number): void {
    const from = this.#notBeforeLast(open.startedAt)
    this.#fillUpTo(from)
    const to = Math.max(from, open.cancelledAt ?? now)
    const outcome = open.cancelledAt === null ? 'running' : 'cancelled'
    const { attempt, workerUuid } = open
    this.#spans.push({
      kind: 'attempt',
      from,
      to,
      attempt,
      outcome,
      workerUuid,
      error: null,
      outcomeSeq: null,
    })
    this.#end(outcome, to)
  }

  /** What is left of an operation that has neither an outcome nor an attempt under way. */
  takeRest({ ended, to }: LaneSource): void {
    if (this.#outcome !== 'waiting') return
    this.#fillUpTo(this.#notBeforeLast(to))
    if (ended) this.#outcome = 'cancelled'
    this.#endedAt = to
  }

  lane(): Pick<Lane, 'outcome' | 'spans' | 'durationMs'> {
    const durationMs =
      this.#startedAt === null ? null : Math.max(0, (this.#endedAt ?? this.#startedAt) - this.#startedAt)
    return { outcome: this.#outcome, spans: this.#spans, durationMs }
  }

  #takeOutcome(event: TimelineEvent, at: number): void {
    const to = this.#notBeforeLast(at)
    const from = Math.min(to, this.#notBeforeLast(this.#attemptStart(event, at)))
    this.#fillUpTo(from)
    const outcome = outcomeOf(event)
    this.#spans.push({
      kind: 'attempt',
      from,
      to,
      attempt: (event.retryCount ?? 0) + 1,
      outcome,
      workerUuid: detailText(event, 'workerUuid'),
      error: outcome === 'success' ? null : (detailText(event, 'errorMessage') ?? event.reason),
      outcomeSeq: event.executionSeq,
    })
    this.#dueAt = null
    this.#backoffFrom = null
    this.#end(outcome === 'success' ? 'complete' : 'failed', to)
  }

  /** As recorded; else from the duration; else when it was due, which is all that is known then. */
  #attemptStart(event: TimelineEvent, at: number): number {
    const recorded = detailInstant(event, 'attemptStartedAt')
    if (recorded !== null) return recorded
    if (event.durationMs !== null) return at - event.durationMs
    return this.#dueAt ?? this.#startedAt ?? at
  }

  #fillUpTo(to: number): void {
    const due = this.#dueAt ?? to
    const backoffFrom = this.#backoffFrom
    if (backoffFrom !== null && Math.min(due, to) > backoffFrom)
      this.#spans.push({ kind: 'backoff', from: backoffFrom, to: Math.min(due, to) })
    const waitFrom = this.#notBeforeLast(due)
    if (to > waitFrom) this.#spans.push({ kind: 'waiting', from: waitFrom, to })
  }

  #end(outcome: LaneOutcome, at: number): void {
    this.#outcome = outcome
    this.#endedAt = at
  }

  #lastEnd(): number | null {
    return this.#spans.at(-1)?.to ?? null
  }

  #notBeforeLast(at: number): number {
    return Math.max(at, this.#lastEnd() ?? at)
  }
}

function outcomeOf(event: TimelineEvent): AttemptOutcome {
  if (event.eventType === 'STEP_SUCCESS') return 'success'
  if (event.details?.['outcomeUnknown'] !== true) return 'failed'
  switch (detailText(event, 'errorCode')) {
    case 'worker_lost':
      return 'worker_lost'
    case 'timeout':
      return 'timed_out'
    default:
      return 'failed'
  }
}
