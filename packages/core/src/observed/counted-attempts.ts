import type { ReportedResult } from '@steptrail/workflow'
import {
  concludeAttempt,
  failedReport,
  isOver,
  loseAttempt,
  moveOf,
  type ObservedAttempt,
  startAttempt,
} from './attempt-moves.ts'
import type { CountedAttempt, ObservedError } from './observation.ts'
import type { Notes, ObservedExecution } from './observed-execution.ts'

/** An attempt that its engine counts. */
export type CountedTold = ObservedAttempt & { readonly counted: CountedAttempt }

/**
 * Begins a counted attempt, unless it is under way; gives the step's id, or null when it is known to be over. Those before
 * it that nobody told of are put on record first, as failed.
 */
export function beginCounted(
  execution: ObservedExecution,
  told: CountedTold,
  startedAt: number,
): string | null {
  const { current, stepId } = execution.placeOf(told.step, 0)
  if (current !== null && isOver(current)) return null
  const made = current?.attempt ?? 0
  const { number } = told.counted
  if (number <= made) return number === made && current?.status === 'in_progress' ? stepId : null
  if (current?.status === 'in_progress') endBefore(execution, told, startedAt)
  for (let unseen = made + 1; unseen < number; unseen += 1)
    recordUnseen(execution, told, { unseen, startedAt })
  return startAttempt(execution, { ...told, place: execution.placeOf(told.step, 0) }, startedAt)
}

/**
 * Gives a step up that waits for a worker or for an attempt which its engine will not make, as when it is cancelled
 * meanwhile: that is an attempt which failed as it began. One under way has failed.
 */
export function giveUp(
  execution: ObservedExecution,
  told: CountedTold & { readonly at: number },
  error: ObservedError,
): void {
  const { current, stepId } = execution.placeOf(told.step, 0)
  if (current !== null && (isOver(current) || current.status === 'error')) return
  if (current?.status !== 'in_progress')
    startAttempt(execution, { ...told, place: { current, stepId } }, told.at)
  execution.allowRetries(stepId, (current?.attempt ?? 0) + 1)
  const notes: Notes = ({ eventType }) => (eventType === 'STEP_FAILED' ? { gaveUpWaiting: true } : {})
  concludeAttempt(execution, { stepId, told, report: failedReport(error, 0), notes }, { to: 'error' })
}

/**
 * An attempt succeeded that is on record as failed, as when its outcome came by another way: its engine has the last
 * word. That is an attempt more, which says that their number is not observable.
 */
export function succeedAfterAll(
  execution: ObservedExecution,
  told: CountedTold & { readonly at: number },
  report: ReportedResult,
): void {
  const { current, stepId } = execution.placeOf(told.step, 0)
  if (current?.status !== 'waiting_for_retry' && current?.status !== 'error') return
  startAttempt(execution, { ...told, place: { current, stepId } }, told.at)
  const notes: Notes = ({ eventType }) =>
    eventType === 'STEP_SUCCESS' ? { notObservable: ['attempts'] } : {}
  concludeAttempt(execution, { stepId, told, report, notes }, { to: 'complete' })
}

/** The attempt under way ended before this one began: as its engine says, or as nobody knows. */
function endBefore(execution: ObservedExecution, told: CountedTold, startedAt: number): void {
  const { current } = execution.placeOf(told.step, 0)
  if (current === null) return
  const { number, failedBefore } = told.counted
  if (failedBefore === undefined || current.attempt !== number - 1)
    return loseAttempt(execution, current, { at: startedAt, reason: 'A later attempt began' })
  failUnseen(execution, told, {
    at: startedAt,
    failure: failedBefore,
    executionTimeMs: Math.max(0, startedAt - (current.attemptStartedAt ?? startedAt)),
    notes: unseenNotes(failedBefore.isUnseen ? ['errorMessage'] : []),
  })
}

/** An attempt of which its engine keeps that it was made, and of the last of them how it failed. */
function recordUnseen(
  execution: ObservedExecution,
  told: CountedTold,
  { unseen, startedAt }: { readonly unseen: number; readonly startedAt: number },
): void {
  const { number, failedBefore } = told.counted
  const failure = unseen === number - 1 ? failedBefore : undefined
  startAttempt(execution, { ...told, place: execution.placeOf(told.step, 0) }, startedAt)
  failUnseen(execution, told, {
    at: startedAt,
    failure: failure ?? { message: 'Not observable: the engine keeps the last failure alone' },
    executionTimeMs: 0,
    notes: unseenNotes(failure === undefined || failure.isUnseen ? ['errorMessage'] : []),
  })
}

interface UnseenFailure {
  readonly at: number
  readonly failure: NonNullable<CountedAttempt['failedBefore']>
  readonly executionTimeMs: number
  readonly notes: Notes
}

/** The attempt under way ended, at a time that is not known, and another follows. */
function failUnseen(
  execution: ObservedExecution,
  told: CountedTold,
  { at, failure, executionTimeMs, notes }: UnseenFailure,
): void {
  const { current, stepId } = execution.placeOf(told.step, 0)
  execution.allowRetries(stepId, current?.attempt ?? 0)
  const retry = { to: 'waiting_for_retry', delayMs: 0 } as const
  if (!failure.outcomeUnknown)
    return concludeAttempt(
      execution,
      { stepId, told: { ...told, at }, report: failedReport(failure, executionTimeMs), notes },
      retry,
    )
  const silence = { code: 'timeout', message: failure.message, reason: failure.message } as const
  execution.make(at, [moveOf(stepId, 'in_progress', { ...retry, silence, outcomeUnknown: true })], notes)
}

const unseenNotes =
  (more: readonly string[]): Notes =>
  ({ eventType }) => {
    if (eventType === 'STEP_FAILED') return { notObservable: ['timestamp', 'durationMs', ...more] }
    return eventType === 'STEP_RETRY_TRIGGERED'
      ? { notObservable: ['timestamp', 'backoffMs', 'nextAttemptAt'] }
      : {}
  }
