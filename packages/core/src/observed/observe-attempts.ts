import { isEnded } from '@steptrail/workflow'
import {
  concludeAttempt,
  failedReport,
  isOver,
  loseAttempt,
  moveOf,
  type ObservedAttempt,
  startAttempt,
} from './attempt-moves.ts'
import { beginCounted, giveUp, succeedAfterAll } from './counted-attempts.ts'
import type { Observation } from './observation.ts'
import type { ObservedExecution } from './observed-execution.ts'
import { idOf } from './observed-ids.ts'

type Of<Kind extends Observation['kind']> = Extract<Observation, { readonly kind: Kind }>

/**
 * Begins an attempt, unless it is under way; gives the step's id, or null when the step takes none any more. An attempt
 * under way that began earlier was lost: nobody can tell any more what it did.
 */
export function beginAttempt(
  execution: ObservedExecution,
  told: ObservedAttempt,
  startedAt: number,
): string | null {
  const { step, counted } = told
  if (counted) return beginCounted(execution, { ...told, counted }, startedAt)
  const { current, stepId } = execution.placeOf(step, startedAt)
  if (current !== null && isOver(current)) return null
  // Told after its engine gave the step up, by whoever was slower: that end was this attempt's.
  if (current?.status === 'error' && startedAt <= (current.completedAt ?? 0)) return null
  if (current?.status === 'in_progress') {
    if (startedAt <= (current.attemptStartedAt ?? 0)) return stepId
    loseAttempt(execution, current, { at: startedAt, reason: 'A later attempt began' })
  }
  return startAttempt(execution, { ...told, place: { current, stepId } }, startedAt)
}

/** An attempt failed: the step waits for the next, or has failed for good. */
export function attemptFailed(execution: ObservedExecution, told: Of<'attempt_failed'>): void {
  const failure = ofAnotherRun(execution, told)
  const { retryInMs, counted, retriesLeft } = failure
  if (counted?.number === 0) return giveUp(execution, { ...failure, counted }, failure.error)
  const stepId = beginAttempt(execution, failure, failure.startedAt)
  if (stepId === null) {
    if (!counted) return reject(execution, failure, 'failure')
    const { current } = execution.placeOf(failure.step, 0)
    const isLast = retryInMs === null && current?.attempt === counted.number
    return isLast ? giveUp(execution, { ...failure, counted }, failure.error) : undefined
  }
  if (retryInMs !== null || retriesLeft) execution.allowRetries(stepId, execution.step(stepId)?.attempt ?? 0)
  if (failure.outcomeUnknown) return timedOut(execution, stepId, failure)
  const report = failedReport(failure.error, Math.max(0, failure.at - failure.startedAt))
  concludeAttempt(
    execution,
    { stepId, told: failure, report },
    retryInMs === null ? { to: 'error' } : { to: 'waiting_for_retry', delayMs: retryInMs },
  )
}

/** The engine gave the step up, which says nothing new where its last attempt was seen. */
export function stepFailed(execution: ObservedExecution, failure: Of<'step_failed'>): void {
  const { current } = execution.placeOf(failure.step, failure.startedAt)
  const hasFailed = current?.status === 'error' || current?.status === 'waiting_for_retry'
  if (hasFailed && failure.startedAt <= (current.attemptStartedAt ?? 0)) return
  attemptFailed(execution, { ...failure, kind: 'attempt_failed', retryInMs: null })
}

/** The step succeeded. */
export function stepSucceeded(execution: ObservedExecution, told: Of<'step_succeeded'>): void {
  const success = ofAnotherRun(execution, told)
  const { current } = execution.placeOf(success.step, success.counted ? 0 : success.startedAt)
  if (current?.status === 'complete') return
  // The engine tells when the step began; of a later attempt it is only known that it began after the one before.
  const startedAt = Math.max(success.startedAt, current?.attemptStartedAt ?? 0)
  const stepId = beginAttempt(execution, success, startedAt)
  const executionTimeMs = Math.max(0, success.at - startedAt)
  const report = { success: true, executionTimeMs, output: success.result } as const
  if (stepId !== null)
    return concludeAttempt(execution, { stepId, told: success, report }, { to: 'complete' })
  const { counted } = success
  if (counted) return succeedAfterAll(execution, { ...success, counted }, report)
  reject(execution, success, 'success')
}

/**
 * The same, of another run of a step that was cancelled with its execution, where that goes on since, as when more of its
 * history has come to be known: of that run the outcome alone is seen.
 */
function ofAnotherRun<Told extends ObservedAttempt & { readonly startedAt: number }>(
  execution: ObservedExecution,
  told: Told,
): Told {
  const { current } = execution.placeOf(told.step, 0)
  if (!told.counted || current?.status !== 'cancelled') return told
  if (execution.status === null || isEnded(execution.status)) return told
  const startedAt = Math.max(told.startedAt, current.completedAt ?? 0)
  return { ...told, counted: undefined, startedAt, step: { ...told.step, attemptsSeen: false } }
}

/** Whoever worked on the execution is gone, and what its attempts did is not known. */
export function loseAttempts(execution: ObservedExecution, lost: Of<'interrupted'>): void {
  for (const step of execution.snapshot.steps)
    if (step.status === 'in_progress') loseAttempt(execution, step, lost)
}

/** Its engine waited for the attempt no longer: what it did, or does still, is not known. */
function timedOut(
  execution: ObservedExecution,
  stepId: string,
  { at, error, retryInMs }: Of<'attempt_failed'>,
): void {
  const silence = { code: 'timeout', message: error.message, reason: error.message } as const
  const ended = { silence, outcomeUnknown: true } as const
  execution.make(at, [
    moveOf(
      stepId,
      'in_progress',
      retryInMs === null
        ? { to: 'error', ...ended }
        : { to: 'waiting_for_retry', delayMs: retryInMs, ...ended },
    ),
  ])
}

function reject(
  execution: ObservedExecution,
  told: ObservedAttempt & { readonly at: number; readonly startedAt: number },
  result: 'success' | 'failure',
): void {
  const { current, stepId } = execution.placeOf(told.step, told.startedAt)
  if (current?.status === 'complete' || current?.status === 'error') return
  const attempt = Math.max(1, current?.attempt ?? 1)
  const rejection = {
    kind: 'rejection',
    stepId,
    context: { workerUuid: told.workerUuid },
    attempt,
    attemptToken: idOf('attempt', stepId, String(attempt)),
    success: result === 'success',
  } as const
  // How it failed is on record here or nowhere.
  execution.make(told.at, [rejection], () => ({ errorMessage: told.error?.message }))
}
