import type { ReportedResult, StepMove, StepSnapshot, StepState } from '@steptrail/workflow'
import type { CountedAttempt, Observation, ObservedError, ObservedStep, Unseen } from './observation.ts'
import { beginRollback } from './observe-ends.ts'
import type { Notes, ObservedExecution, StepPlace } from './observed-execution.ts'
import { idOf } from './observed-ids.ts'

/** Whose attempt it is. */
export interface ObservedAttempt {
  readonly step: ObservedStep
  readonly workerUuid: string
  readonly counted?: CountedAttempt | undefined
  readonly error?: ObservedError | undefined
  readonly unseen?: Unseen | undefined
}

/** A step that its engine has sent to a worker: it waits for one, unless it is known already. */
export function enqueueStep(
  execution: ObservedExecution,
  { step, at }: Extract<Observation, { readonly kind: 'step_enqueued' }>,
): void {
  const { current, stepId } = execution.placeOf(step, at)
  if (current !== null) return
  if (step.operation === 'UNDO') beginRollback(execution, step, at)
  execution.make(
    at,
    [execution.creation(stepId, step), moveOf(stepId, 'pending', { to: 'enqueued' })],
    unseenOfStart([]),
  )
  execution.allowRetries(stepId, step.maxRetries)
}

/** The moves by which an attempt begins at this place; gives the step's id. */
export function startAttempt(
  execution: ObservedExecution,
  { step, workerUuid, unseen, place: { current, stepId } }: ObservedAttempt & { readonly place: StepPlace },
  startedAt: number,
): string {
  if (current === null && step.operation === 'UNDO') beginRollback(execution, step, startedAt)
  const creation = current === null ? [execution.creation(stepId, step)] : []
  const from = current === null ? 'pending' : stateOf(execution, stepId)
  const attemptToken = idOf('attempt', stepId, String((current?.attempt ?? 0) + 1))
  execution.make(
    startedAt,
    [
      ...creation,
      ...(from === 'enqueued' ? [] : [moveOf(stepId, from, { to: 'enqueued' })]),
      moveOf(stepId, 'enqueued', { to: 'in_progress', attemptToken, context: { workerUuid } }),
    ],
    unseenOfStart(unseen),
  )
  execution.allowRetries(stepId, step.maxRetries)
  return stepId
}

/** How an attempt ended, and what is said of what cannot be seen of that. */
export interface Concluded {
  readonly stepId: string
  readonly told: ObservedAttempt & { readonly at: number }
  readonly report: ReportedResult
  readonly notes?: Notes | undefined
}

/** The report of an attempt, and what follows from it. */
export function concludeAttempt(
  execution: ObservedExecution,
  { stepId, told, report, notes }: Concluded,
  outcome: Pick<StepMove, 'to' | 'delayMs'>,
): void {
  const reported = report.success ? 'enqueued_for_orchestration' : 'enqueued_as_error_for_orchestration'
  const context = { workerUuid: told.workerUuid }
  const at = Math.max(told.at, execution.step(stepId)?.attemptStartedAt ?? 0)
  execution.make(
    at,
    [moveOf(stepId, 'in_progress', { to: reported, context, report }), moveOf(stepId, reported, outcome)],
    notes ?? unseenOfEnd(told),
  )
}

/** The attempt ended without anybody knowing what it did; the engine makes another. */
export function loseAttempt(
  execution: ObservedExecution,
  { stepId, attempt }: StepSnapshot,
  { at, reason, isGivenUp }: Lost,
): void {
  const silence = { code: 'worker_lost', message: reason, reason: 'worker lost' } as const
  const ended = { silence, outcomeUnknown: true } as const
  if (isGivenUp) return execution.make(at, [moveOf(stepId, 'in_progress', { to: 'error', ...ended })])
  execution.allowRetries(stepId, attempt)
  execution.make(at, [moveOf(stepId, 'in_progress', { to: 'waiting_for_retry', delayMs: 0, ...ended })])
}

/** That whoever made an attempt is gone, and whether that was the last. */
interface Lost {
  readonly at: number
  readonly reason: string
  readonly isGivenUp?: true | undefined
}

/** What is reported of an attempt that failed. */
export const failedReport = (
  { message, code }: ObservedError,
  executionTimeMs: number,
): ReportedResult & { readonly success: false } => ({
  success: false,
  executionTimeMs,
  error: { message, ...(code !== undefined && { code }) },
})

function unseenOfEnd({ step, error, unseen = [] }: ObservedAttempt): Notes {
  const names = [
    ...(step.attemptsSeen ? [] : ['attempts']),
    ...unseen,
    ...(error?.isUnseen ? ['errorMessage'] : []),
  ]
  return ({ eventType }) =>
    names.length > 0 && (eventType === 'STEP_SUCCESS' || eventType === 'STEP_FAILED')
      ? { notObservable: names }
      : {}
}

const unseenOfStart = (unseen: Unseen = []): Notes => {
  const notObservable = ['input', ...(unseen.includes('durationMs') ? ['timestamp'] : [])]
  return ({ eventType }) => (eventType === 'STEP_STARTED' ? { inputDigest: undefined, notObservable } : {})
}

const over: ReadonlySet<StepState | null> = new Set<StepState>([
  'complete',
  'cancelled',
  'skipped',
  'resolved_manually',
])

/** Whether a step takes no attempt any more, whatever its engine does. */
export const isOver = ({ status }: StepSnapshot): boolean => over.has(status)

const stateOf = (execution: ObservedExecution, stepId: string): StepState | null =>
  execution.step(stepId)?.status ?? null

/** One move of a step. */
export const moveOf = (
  stepId: string,
  from: StepState | null,
  move: Omit<StepMove, 'kind' | 'stepId' | 'from' | 'context'> & Partial<Pick<StepMove, 'context'>>,
): StepMove => ({ kind: 'step', stepId, from, context: {}, ...move })
