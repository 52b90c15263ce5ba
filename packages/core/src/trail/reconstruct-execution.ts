import type { AuditEvent, OperationType } from '@steptrail/event'
import type { ExecutionState, StepState } from '@steptrail/workflow'
import type { Reader } from './compose.ts'
import { getExecutionEvents } from './execution-events.ts'

/** One try of a step, as its events tell it. */
export interface ReconstructedAttempt {
  /** 1 for the first. */
  readonly attempt: number
  /** The worker that held it; null where none did. */
  readonly workerUuid: string | null
  /** When it was claimed. */
  readonly startedAt: string | null
  readonly endedAt: string
  readonly success: boolean
  readonly error: string | null
  readonly outcomeUnknown: boolean
}

/** A step, as its events tell it. */
export interface ReconstructedStep {
  readonly name: string
  readonly operation: OperationType
  /** Null for one of which nothing happened. */
  readonly stepId: string | null
  readonly status: StepState
  readonly attempts: readonly ReconstructedAttempt[]
  readonly maxRetries: number
  readonly timeoutMs: number
  /** When STEP_STARTED was recorded. */
  readonly startedAt: string | null
  /** Error of the last attempt that failed. */
  readonly lastError: string | null
}

/** An execution that has ended, rebuilt from its events. */
export interface ReconstructedExecution {
  readonly executionId: string
  readonly workflowName: string | null
  readonly workflowVersion: string | null
  readonly definitionHash: string
  readonly correlationId: string | null
  readonly status: ExecutionState
  readonly startedAt: string
  readonly endedAt: string
  /** DO steps in the order of the definition, then UNDO steps in the order of the rollback. */
  readonly steps: readonly ReconstructedStep[]
}

/**
 * Rebuilds an execution that has ended from its events alone: its steps, their attempts, workers and states, and the
 * outcome, also when its live state is gone. Null while it has not ended.
 *
 * @throws TrailError `execution_not_found` when no event names it
 */
export async function reconstructExecution(
  reader: Reader,
  executionId: string,
): Promise<ReconstructedExecution | null> {
  return reconstruct(await getExecutionEvents(reader, executionId))
}

/** The same, of the events in the order of `execution_seq`. */
export function reconstruct(events: readonly AuditEvent[]): ReconstructedExecution | null {
  const own = events.filter(({ entityType }) => entityType === 'ORCHESTRATION' || entityType === 'STEP')
  const [first] = own
  const end = own.findLast(endsIt)
  const status = end ? statusOf(own, end) : null
  // What an operator or another engine does to one that has ended comes after its end, until it ends again.
  const goesOn = end !== undefined && own.slice(own.indexOf(end) + 1).some(takesItUp)
  if (!first || !end || status === null || goesOn) return null
  const steps = new Steps(first)
  for (const event of own) steps.apply(event)
  return {
    executionId: first.executionId ?? '',
    workflowName: first.workflowName,
    workflowVersion: first.workflowVersion,
    definitionHash: textOf(first, 'definitionHash'),
    correlationId: first.correlationId,
    status,
    startedAt: first.timestamp,
    endedAt: end.timestamp,
    steps: steps.ended(),
  }
}

const endTypes = new Set(['ORCHESTRATION_COMPLETED', 'ROLLBACK_COMPLETED', 'ROLLBACK_FAILED'])

const endsIt = (event: AuditEvent): boolean =>
  endTypes.has(event.eventType) ||
  (event.eventType === 'ORCHESTRATION_CANCELLED' && detail(event, 'after') === 'cancelled')

const takesItUp = ({ eventType }: AuditEvent): boolean =>
  eventType === 'ORCHESTRATION_RESUMED' ||
  eventType === 'STEP_RETRY_REQUESTED' ||
  eventType === 'ROLLBACK_TRIGGERED' ||
  eventType === 'STEP_RESOLVED'

function statusOf(events: readonly AuditEvent[], end: AuditEvent): ExecutionState {
  switch (end.eventType) {
    case 'ORCHESTRATION_COMPLETED':
      return 'completed'
    case 'ROLLBACK_FAILED':
      return 'rollback_failed'
    case 'ORCHESTRATION_CANCELLED':
      return 'cancelled'
    default:
      return causeOfRollback(events)
  }
}

/** The last of what may begin a rollback: one that was cancelled and taken up again by its engine may fail after all. */
const causeOfRollback = (events: readonly AuditEvent[]): 'cancelled' | 'failed' =>
  events.findLast(
    ({ eventType }) => eventType === 'ORCHESTRATION_CANCELLED' || eventType === 'ORCHESTRATION_FAILED',
  )?.eventType === 'ORCHESTRATION_CANCELLED'
    ? 'cancelled'
    : 'failed'

interface MutableStep {
  readonly name: string
  readonly operation: OperationType
  stepId: string | null
  status: StepState
  attempts: ReconstructedAttempt[]
  maxRetries: number
  timeoutMs: number
  startedAt: string | null
  lastError: string | null
}

interface PlannedStep {
  readonly name: string
  readonly timeoutMs: number
  readonly maxRetries: number
}

/** The steps as they become, event by event. */
class Steps {
  readonly #plan: readonly PlannedStep[]
  readonly #steps: MutableStep[]

  constructor(started: AuditEvent) {
    this.#plan = (detail(started, 'plan') ?? []) as unknown as readonly PlannedStep[]
    this.#steps = this.#plan.map((planned) => newStep(planned, 'DO'))
  }

  apply(event: AuditEvent): void {
    if (event.eventType === 'ROLLBACK_STARTED') this.#planRollback(event)
    const step = this.#steps.find(
      ({ name, operation }) => name === event.stepName && operation === event.operationType,
    )
    const acted = step ?? this.#unplanned(event)
    if (acted) applyTo(acted, event)
  }

  /** Other engines tell of a step when they do it. */
  #unplanned({ eventType, stepName, operationType, details }: AuditEvent): MutableStep | null {
    if (eventType !== 'STEP_STARTED' || stepName === null || operationType === null) return null
    const maxRetries = Number(details?.['maxRetries'] ?? 0)
    const step = newStep({ name: stepName, timeoutMs: 0, maxRetries }, operationType)
    this.#steps.push(step)
    return step
  }

  /** What came to no outcome was cancelled with the execution; an UNDO that was not reached is pending. */
  ended(): readonly ReconstructedStep[] {
    return this.#steps.map((step) => ({
      ...step,
      status: step.operation === 'DO' && !outcomes.has(step.status) ? 'cancelled' : step.status,
    }))
  }

  #planRollback(event: AuditEvent): void {
    for (const name of (detail(event, 'stepsToRollback') ?? []) as readonly string[]) {
      const planned = this.#plan.find((each) => each.name === name)
      if (planned) this.#steps.push(newStep(planned, 'UNDO'))
    }
  }
}

const outcomes = new Set<StepState>(['complete', 'error', 'skipped', 'resolved_manually'])

const newStep = ({ name, timeoutMs, maxRetries }: PlannedStep, operation: OperationType): MutableStep => ({
  name,
  operation,
  stepId: null,
  status: 'pending',
  attempts: [],
  maxRetries,
  timeoutMs,
  startedAt: null,
  lastError: null,
})

function applyTo(step: MutableStep, event: AuditEvent): void {
  step.stepId = event.stepId
  switch (event.eventType) {
    case 'STEP_STARTED':
      step.status = 'enqueued'
      step.startedAt = event.timestamp
      break
    case 'STEP_SUCCESS':
      step.status = 'complete'
      step.attempts.push(attemptOf(event))
      break
    case 'STEP_FAILED':
      step.status = event.severity === 'error' ? 'error' : 'waiting_for_retry'
      step.attempts.push(attemptOf(event))
      step.lastError = textOf(event, 'errorMessage')
      break
    case 'STEP_RETRY_REQUESTED':
      step.status = 'enqueued'
      step.maxRetries = Number(detail(event, 'maxRetries') ?? step.maxRetries)
      break
    case 'STEP_SKIPPED':
      step.status = 'skipped'
      break
    case 'STEP_RESOLVED':
      step.status = 'resolved_manually'
      break
    case 'ADAPTIVE_ADJUSTMENT':
      if (detail(event, 'adjustmentType') === 'timeout') step.timeoutMs = Number(detail(event, 'to'))
      if (detail(event, 'adjustmentType') === 'retry') step.maxRetries = Number(detail(event, 'to'))
  }
}

const attemptOf = (event: AuditEvent): ReconstructedAttempt => ({
  attempt: Number(detail(event, 'attempt') ?? (event.retryCount ?? 0) + 1),
  workerUuid: textOf(event, 'workerUuid') || null,
  startedAt: textOf(event, 'attemptStartedAt') || null,
  endedAt: event.timestamp,
  success: event.eventType === 'STEP_SUCCESS',
  error: event.eventType === 'STEP_FAILED' ? textOf(event, 'errorMessage') : null,
  outcomeUnknown: detail(event, 'outcomeUnknown') === true,
})

const detail = ({ details }: AuditEvent, name: string) => details?.[name]

function textOf(event: AuditEvent, name: string): string {
  const value = detail(event, name)
  return typeof value === 'string' ? value : ''
}
