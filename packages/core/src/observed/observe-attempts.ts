import type { ReportedResult, StepMove, StepSnapshot, StepState } from '@steptrail/workflow'
import type { Observation, ObservedStep } from './observation.ts'
import { beginRollback } from './observe-ends.ts'
import { idOf } from './observed-ids.ts'
import type { Notes, ObservedExecution } from './observed-execution.ts'

type Of<Kind extends Observation['kind']> = Extract<Observation, { readonly kind: Kind }>

/** Whose attempt it is. */
export interface ObservedAttempt {
  readonly step: ObservedStep
  readonly workerUuid: string
}

/**
 * Begins an attempt, unless it is under way; gives the step's id, or null when the step takes none any more. An attempt
 * under way that began earlier was lost: nobody can tell any more what it did.
 */
export function beginAttempt(
  execution: ObservedExecution,
  { step, workerUuid }: ObservedAttempt,
  startedAt: number,
): string | null {
  const { current, stepId } = execution.placeOf(step, startedAt)
  if (current !== null && isOver(current)) return null
  // Told after its engine gave the step up, by whoever was slower: that end was this attempt's.
  if (current?.status === 'error' && startedAt <= (current.completedAt ?? 0)) return null
  if (current?.status === 'in_progress') {
    if (startedAt <= (current.attemptStartedAt ?? 0)) return stepId
    lose(execution, current, { at: startedAt, reason: 'A later attempt began' })
  }
  if (current === null && step.operation === 'UNDO') beginRollback(execution, step, startedAt)
  const creation = current === null ? [execution.creation(stepId, step)] : []
  const from = current === null ? 'pending' : stateOf(execution, stepId)
  const attemptToken = idOf('attempt', stepId, String((current?.attempt ?? 0) + 1))
  execution.make(
    startedAt,
    [
      ...creation,
      moveOf(stepId, from, { to: 'enqueued' }),
      moveOf(stepId, 'enqueued', { to: 'in_progress', attemptToken, context: { workerUuid } }),
    ],
    inputUnseen,
  )
  execution.allowRetries(stepId, step.maxRetries)
  return stepId
}

/** An attempt failed: the step waits for the next, or has failed for good. */
export function attemptFailed(execution: ObservedExecution, failure: Of<'attempt_failed'>): void {
  const { retryInMs } = failure
  const stepId = beginAttempt(execution, failure, failure.startedAt)
  if (stepId === null) return reject(execution, failure, 'failure')
  if (retryInMs !== null) execution.allowRetries(stepId, stepIn(execution, stepId)?.attempt ?? 0)
  conclude(
    execution,
    { stepId, told: failure, report: failedReport(failure) },
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
export function stepSucceeded(execution: ObservedExecution, success: Of<'step_succeeded'>): void {
  const { current } = execution.placeOf(success.step, success.startedAt)
  if (current?.status === 'complete') return
  // The engine tells when the step began; of a later attempt it is only known that it began after the one before.
  const startedAt = Math.max(success.startedAt, current?.attemptStartedAt ?? 0)
  const stepId = beginAttempt(execution, success, startedAt)
  if (stepId === null) return reject(execution, success, 'success')
  const report: ReportedResult = {
    success: true,
    executionTimeMs: Math.max(0, success.at - startedAt),
    output: success.result,
  }
  conclude(execution, { stepId, told: success, report }, { to: 'complete' })
}

/** Whoever worked on the execution is gone, and what its attempts did is not known. */
export function loseAttempts(execution: ObservedExecution, lost: Of<'interrupted'>): void {
  for (const step of execution.snapshot.steps) if (step.status === 'in_progress') lose(execution, step, lost)
}

interface Concluded {
  readonly stepId: string
  readonly told: ObservedAttempt & { readonly at: number }
  readonly report: ReportedResult
}

/** The report of an attempt, and what follows from it. */
function conclude(
  execution: ObservedExecution,
  { stepId, told, report }: Concluded,
  outcome: Pick<StepMove, 'to' | 'delayMs'>,
): void {
  const reported = report.success ? 'enqueued_for_orchestration' : 'enqueued_as_error_for_orchestration'
  const context = { workerUuid: told.workerUuid }
  const at = Math.max(told.at, stepIn(execution, stepId)?.attemptStartedAt ?? 0)
  execution.make(
    at,
    [moveOf(stepId, 'in_progress', { to: reported, context, report }), moveOf(stepId, reported, outcome)],
    told.step.attemptsSeen ? undefined : attemptsUnseen,
  )
}

const attemptsUnseen: Notes = ({ eventType }) =>
  eventType === 'STEP_SUCCESS' || eventType === 'STEP_FAILED' ? { notObservable: ['attempts'] } : {}

const inputUnseen: Notes = ({ eventType }) =>
  eventType === 'STEP_STARTED' ? { inputDigest: undefined, notObservable: ['input'] } : {}

const failedReport = ({ at, startedAt, error }: Of<'attempt_failed'>): ReportedResult => ({
  success: false,
  executionTimeMs: Math.max(0, at - startedAt),
  error: { message: error.message, ...(error.code !== undefined && { code: error.code }) },
})

/** The attempt ended without anybody knowing what it did; the engine makes another. */
function lose(
  execution: ObservedExecution,
  { stepId, attempt }: StepSnapshot,
  { at, reason }: { readonly at: number; readonly reason: string },
): void {
  execution.allowRetries(stepId, attempt)
  const silence = { code: 'worker_lost', message: reason, reason: 'worker lost' } as const
  execution.make(at, [
    moveOf(stepId, 'in_progress', { to: 'waiting_for_retry', silence, outcomeUnknown: true, delayMs: 0 }),
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
  execution.make(told.at, [
    {
      kind: 'rejection',
      stepId,
      context: { workerUuid: told.workerUuid },
      attempt,
      attemptToken: idOf('attempt', stepId, String(attempt)),
      success: result === 'success',
    },
  ])
}

const over: ReadonlySet<StepState | null> = new Set<StepState>([
  'complete',
  'cancelled',
  'skipped',
  'resolved_manually',
])

const isOver = ({ status }: StepSnapshot): boolean => over.has(status)

const stepIn = ({ snapshot }: ObservedExecution, stepId: string): StepSnapshot | undefined =>
  snapshot.steps.find((step) => step.stepId === stepId)

const stateOf = (execution: ObservedExecution, stepId: string): StepState | null =>
  stepIn(execution, stepId)?.status ?? null

const moveOf = (
  stepId: string,
  from: StepState | null,
  move: Omit<StepMove, 'kind' | 'stepId' | 'from' | 'context'> & Partial<Pick<StepMove, 'context'>>,
): StepMove => ({ kind: 'step', stepId, from, context: {}, ...move })
