import type { Actor } from '@steptrail/event'
import type { Json } from '@steptrail/verify'
import { clock, digestOf, type Draft, system } from './derived-event.ts'
import {
  type AdjustmentMove,
  type DecisionEnvironment,
  metadataOf,
  type Rejection,
  type StepMove,
} from './move.ts'
import {
  definitionOf,
  type ExecutionSnapshot,
  hasRetriesLeft,
  stepOf,
  type StepSnapshot,
} from './snapshot.ts'

/** The events of a step's moves. */
export function stepDrafts(
  before: ExecutionSnapshot,
  move: StepMove,
  environment: DecisionEnvironment,
): readonly Draft[] {
  if (move.from === null) return []
  const step = stepOf(before, move.stepId)
  switch (move.to) {
    case 'enqueued':
      if (move.from === 'pending') return [stepStarted(before, step, environment)]
      return move.order === undefined ? [] : [retryRequested(step, move, environment)]
    case 'resolved_manually':
      return [stepResolved(step, move, environment)]
    case 'complete':
      return [stepSucceeded(before, step, environment)]
    case 'waiting_for_retry':
      return [stepFailed(before, move, environment), retryTriggered(before, move)]
    case 'error':
      return [stepFailed(before, move, environment)]
    case 'skipped':
      return [stepSkipped(step, move, environment)]
    default:
      return []
  }
}

const stepColumns = (step: StepSnapshot) =>
  ({
    entityType: 'STEP',
    stepId: step.stepId,
    stepName: step.name,
    operationType: step.operation,
    status: null,
    severity: 'info',
    durationMs: null,
    retryCount: null,
    actor: system,
    reason: null,
    parent: 'step',
  }) as const

function stepStarted(before: ExecutionSnapshot, step: StepSnapshot, environment: DecisionEnvironment): Draft {
  const { service } = definitionOf(before, step)
  return {
    ...stepColumns(step),
    eventType: 'STEP_STARTED',
    serviceName: service,
    parent: 'outcome',
    message: 'Step execution started',
    details: {
      worker: service,
      message: 'Step execution started',
      inputDigest: digestOf(stepInputOf(before, step), environment),
    },
  }
}

function stepSucceeded(
  before: ExecutionSnapshot,
  step: StepSnapshot,
  environment: DecisionEnvironment,
): Draft {
  const { service } = definitionOf(before, step)
  const durationMs = attemptDuration(step, environment)
  const message = 'Step completed successfully'
  return {
    ...stepColumns(step),
    eventType: 'STEP_SUCCESS',
    status: 'SUCCESS',
    serviceName: service,
    durationMs,
    retryCount: retriesOf(step),
    actor: workerOf(step),
    message,
    details: {
      worker: service,
      durationMs,
      retryCount: retriesOf(step),
      message,
      ...attemptDetails(step, environment),
      ...(step.reported && { resultDigest: digestOf(step.reported.metadata, environment) }),
    },
  }
}

function stepFailed(before: ExecutionSnapshot, move: StepMove, environment: DecisionEnvironment): Draft {
  const step = stepOf(before, move.stepId)
  const { service } = definitionOf(before, step)
  const error = failureOf(step, move)
  const final = move.to === 'error'
  const retries = retriesOf(step)
  const metadata = step.reported?.metadata ?? metadataOf(move, step.attempt, environment.redact)
  return {
    ...stepColumns(step),
    eventType: 'STEP_FAILED',
    status: 'FAILED',
    severity: final ? 'error' : 'warning',
    serviceName: service,
    durationMs: attemptDuration(step, environment),
    retryCount: retries,
    actor: move.silence ? clock : workerOf(step),
    reason:
      final && retries > 0 && !hasRetriesLeft(step)
        ? `Retry exhausted after ${retries} attempts`
        : (error.reason ?? error.message),
    message: 'Step execution failed',
    details: {
      worker: service,
      retryCount: retries,
      message: 'Step execution failed',
      errorMessage: error.message,
      ...(error.code !== undefined && { errorCode: error.code }),
      ...(move.outcomeUnknown && { outcomeUnknown: true }),
      ...attemptDetails(step, environment),
      resultDigest: digestOf(metadata, environment),
    },
  }
}

function retryTriggered(before: ExecutionSnapshot, move: StepMove): Draft {
  const step = stepOf(before, move.stepId)
  const message = `Retry attempt ${step.attempt} of ${step.maxRetries}`
  return {
    ...stepColumns(step),
    eventType: 'STEP_RETRY_TRIGGERED',
    severity: 'warning',
    serviceName: null,
    retryCount: step.attempt,
    parent: 'outcome',
    message,
    details: {
      retryCount: step.attempt,
      maxRetries: step.maxRetries,
      backoffMs: move.delayMs ?? 0,
      message,
    },
  }
}

/** What an operator's order leaves on the step's event: who, why, what was before and what is after. */
const ordered = (step: StepSnapshot, { order, to, context }: StepMove, environment: DecisionEnvironment) => ({
  serviceName: environment.serviceName,
  actor: context.actor ?? null,
  reason: context.reason ?? null,
  details: {
    ...(order !== undefined && { action: order }),
    before: { status: step.status, attempt: step.attempt },
    after: { status: to },
    ...(context.approvedBy && { approvedBy: { ...context.approvedBy } }),
    ...(context.givenActor && { givenActor: { ...context.givenActor } }),
  },
})

function retryRequested(step: StepSnapshot, move: StepMove, environment: DecisionEnvironment): Draft {
  const base = ordered(step, move, environment)
  const maxRetries = Math.max(step.maxRetries, step.attempt)
  return {
    ...stepColumns(step),
    ...base,
    eventType: 'STEP_RETRY_REQUESTED',
    message: 'One more attempt requested',
    details: { ...base.details, maxRetries },
  }
}

function stepResolved(step: StepSnapshot, move: StepMove, environment: DecisionEnvironment): Draft {
  const base = ordered(step, move, environment)
  const metadata = metadataOf(move, step.attempt, environment.redact)
  return {
    ...stepColumns(step),
    ...base,
    eventType: 'STEP_RESOLVED',
    severity: 'warning',
    message: 'Step resolved by hand',
    details: { ...base.details, resultDigest: digestOf(metadata, environment) },
  }
}

function stepSkipped(step: StepSnapshot, move: StepMove, environment: DecisionEnvironment): Draft {
  const reason = move.context.reason ?? null
  return {
    ...stepColumns(step),
    eventType: 'STEP_SKIPPED',
    serviceName: environment.serviceName,
    actor: move.context.actor ?? system,
    parent: 'outcome',
    reason,
    message: 'Step skipped',
    details: {
      message: 'Step skipped',
      ...(reason !== null && { reason }),
      ...(move.order !== undefined && ordered(step, move, environment).details),
    },
  }
}

/** The event of an adjustment. */
export function adjustmentDraft(
  before: ExecutionSnapshot,
  { stepId, change, context }: AdjustmentMove,
  environment: DecisionEnvironment,
): Draft {
  const step = stepOf(before, stepId)
  const stepNumber = before.definition.steps.findIndex(({ name }) => name === step.name) + 1
  const { timeoutMs, maxRetries } = change
  const values =
    timeoutMs !== undefined
      ? { adjustmentType: 'timeout', from: step.timeoutMs, to: timeoutMs }
      : maxRetries !== undefined
        ? { adjustmentType: 'retry', from: step.maxRetries, to: maxRetries }
        : { adjustmentType: 'skip', from: step.status, to: 'skipped' }
  return {
    ...stepColumns(step),
    eventType: 'ADAPTIVE_ADJUSTMENT',
    serviceName: environment.serviceName,
    actor: context.actor ?? null,
    reason: context.reason ?? null,
    message: `Adjusted: ${values.adjustmentType}`,
    details: {
      ...values,
      stepNumber,
      ...(context.reason !== undefined && { reason: context.reason }),
      ...(context.approvedBy && { approvedBy: { ...context.approvedBy } }),
      ...(context.givenActor && { givenActor: { ...context.givenActor } }),
    },
  }
}

/** The event of a result that was refused. */
export function rejectionDraft(before: ExecutionSnapshot, move: Rejection): Draft {
  const step = stepOf(before, move.stepId)
  const { service } = definitionOf(before, step)
  const { workerUuid } = move.context
  return {
    ...stepColumns(step),
    eventType: 'STEP_RESULT_REJECTED',
    severity: 'warning',
    serviceName: service,
    actor: workerUuid === undefined ? null : { type: 'worker', id: workerUuid },
    reason: 'The worker no longer held the step',
    message: 'Late or repeated result refused',
    details: {
      worker: service,
      ...(workerUuid !== undefined && { workerUuid }),
      attempt: move.attempt,
      attemptToken: move.attemptToken,
      reportedSuccess: move.success,
      stepStatus: step.status,
    },
  }
}

/** The error that a failed attempt is recorded with: the worker's own, or the clock's. */
export function failureOf(
  step: StepSnapshot,
  move: Pick<StepMove, 'silence'>,
): { readonly message: string; readonly code?: string; readonly reason?: string } {
  if (move.silence) return move.silence
  if (step.reported?.result.success === false) return step.reported.result.error
  return { message: 'Step failed' }
}

const retriesOf = (step: StepSnapshot): number => Math.max(0, step.attempt - 1)

const workerOf = (step: StepSnapshot): Actor | null =>
  step.workerUuid === null ? null : { type: 'worker', id: step.workerUuid }

function attemptDuration(step: StepSnapshot, environment: DecisionEnvironment): number {
  return Math.max(0, environment.now - (step.attemptStartedAt ?? environment.now))
}

function attemptDetails(
  step: StepSnapshot,
  environment: DecisionEnvironment,
): Readonly<Record<string, Json>> {
  const { attemptStartedAt, enqueuedAt, startedAt } = step
  return {
    attempt: step.attempt,
    ...(attemptStartedAt !== null && { attemptStartedAt: new Date(attemptStartedAt).toISOString() }),
    ...(step.workerUuid !== null && { workerUuid: step.workerUuid }),
    ...(attemptStartedAt !== null &&
      enqueuedAt !== null && { waitedMs: Math.max(0, attemptStartedAt - enqueuedAt) }),
    totalDurationMs: Math.max(0, environment.now - (startedAt ?? environment.now)),
  }
}

/** What a step is given: the execution's input and the outputs of the steps it comes directly after. */
export function stepInputOf(before: ExecutionSnapshot, step: StepSnapshot): Json {
  const { after } = definitionOf(before, step)
  const outputs = before.steps
    .filter((other) => other.operation === 'DO' && after.includes(other.name))
    .map((other): [string, Json] => [other.name, other.output])
  return { input: before.input, outputs: Object.fromEntries(outputs) }
}
