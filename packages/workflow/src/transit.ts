import type { Json } from '@steptrail/verify'
import { TrailError } from '@steptrail/event'
import type { DerivedEvent } from './derived-event.ts'
import { eventsOf } from './events-of.ts'
import { type AdaptiveAdjustment, type ExecutionAudit, executionAuditOf } from './execution-audit.ts'
import { outputOf } from './orchestration-events.ts'
import { failureOf } from './step-events.ts'
import {
  type AdjustmentMove,
  type DecisionEnvironment,
  type ExecutionMove,
  metadataOf,
  type Move,
  type StepMove,
} from './move.ts'
import { definitionOf, type ExecutionSnapshot, stepOf, type StepSnapshot } from './snapshot.ts'
import { executionMayMove, isEnded, stepMayMove } from './states.ts'

/** A transition of a step as it goes on record. */
export interface Transition {
  readonly stepId: string
  readonly from: StepMove['from']
  readonly to: StepMove['to']
  readonly metadata: Readonly<Record<string, Json>>
}

/** What a move makes of an execution, and what it leaves on record. */
export interface Advance {
  readonly execution: ExecutionSnapshot
  readonly transition: Transition | null
  readonly events: readonly DerivedEvent[]
  /** With a move that ends the execution: how it went. */
  readonly audit: ExecutionAudit | null
}

/**
 * Makes one move of an execution: checks it against the state tables, and gives the execution as it is
 * afterwards with the transition and the events that follow. Pure.
 *
 * @throws TrailError `illegal_transition` when the tables do not allow the move, or the step or execution is
 *   not in the state that it starts from
 */
export function transit(before: ExecutionSnapshot, move: Move, environment: DecisionEnvironment): Advance {
  const events = eventsOf(before, check(before, move), environment)
  const last = events.at(-1)
  const stamped: ExecutionSnapshot = {
    ...before,
    nextSeq: before.nextSeq + events.length,
    lastEventAt: last?.timestamp ?? before.lastEventAt,
  }
  switch (move.kind) {
    case 'rejection':
      return { execution: stamped, transition: null, events, audit: null }
    case 'adjustment':
      return { execution: adjusted(stamped, move, events), transition: null, events, audit: null }
    case 'execution':
      return {
        execution: moveExecution(stamped, move, environment),
        transition: null,
        events,
        audit: isEnded(move.to) ? executionAuditOf(before, move.to, environment) : null,
      }
    case 'step': {
      const transition = transitionOf(before, move, environment)
      return {
        execution: moveStep(stamped, { move, transition, events, environment }),
        transition,
        events,
        audit: null,
      }
    }
  }
}

function check(before: ExecutionSnapshot, move: Move): Move {
  if (move.kind === 'rejection' || move.kind === 'adjustment') return move
  const subject = move.kind === 'step' ? `step ${move.stepId}` : `execution ${before.executionId}`
  const actual = move.kind === 'step' ? statusOf(before, move) : before.status
  if (actual !== move.from) {
    throw new TrailError(
      'illegal_transition',
      `${subject} cannot move from ${move.from ?? 'nothing'} to ${move.to}: it is ${actual ?? 'not there'}. Read it again and decide anew.`,
      { details: { subject, from: move.from, to: move.to, actual } },
    )
  }
  const allowed =
    move.kind === 'step' ? stepMayMove(move.from, move.to) : executionMayMove(move.from, move.to)
  if (!allowed) {
    throw new TrailError(
      'illegal_transition',
      `${subject} may not move from ${move.from ?? 'nothing'} to ${move.to}. See the tables in docs/concepts/states-and-lifecycles.md.`,
      { details: { subject, from: move.from, to: move.to } },
    )
  }
  return move
}

function statusOf(before: ExecutionSnapshot, move: StepMove): StepSnapshot['status'] {
  if (move.from === null) return before.steps.find((step) => step.stepId === move.stepId)?.status ?? null
  return stepOf(before, move.stepId).status
}

function transitionOf(
  before: ExecutionSnapshot,
  move: StepMove,
  environment: DecisionEnvironment,
): Transition {
  const attempts = move.from === null ? 0 : stepOf(before, move.stepId).attempt
  const attempt = move.to === 'in_progress' ? attempts + 1 : attempts
  return {
    stepId: move.stepId,
    from: move.from,
    to: move.to,
    metadata: metadataOf(move, attempt, environment.redact),
  }
}

const adjusted = (
  execution: ExecutionSnapshot,
  { stepId, change }: AdjustmentMove,
  events: readonly DerivedEvent[],
): ExecutionSnapshot => ({
  ...execution,
  steps: execution.steps.map((step) => (step.stepId === stepId ? { ...step, ...change } : step)),
  adjustments: [...execution.adjustments, ...events.map(adjustmentOf)],
})

function adjustmentOf({ details, reason, timestamp }: DerivedEvent): AdaptiveAdjustment {
  const { stepNumber, adjustmentType } = details as Pick<AdaptiveAdjustment, 'stepNumber' | 'adjustmentType'>
  return { stepNumber, adjustmentType, reason: reason ?? '', timestamp: new Date(timestamp).toISOString() }
}

function moveExecution(
  execution: ExecutionSnapshot,
  move: ExecutionMove,
  environment: DecisionEnvironment,
): ExecutionSnapshot {
  return {
    ...execution,
    status: move.to,
    ...(move.to === 'rolling_back' && !move.plan && { rollbackTriggeredAt: environment.now }),
    ...(move.order === 'cancel' && { isCancelled: true }),
    ...(move.plan && { rollbackPlan: move.plan }),
    ...(move.to === 'completed' && { output: outputOf(execution) }),
    ...(isEnded(move.to) && { endedSeq: execution.nextSeq - 1 }),
  }
}

interface StepChange {
  readonly move: StepMove
  readonly transition: Transition
  readonly events: readonly DerivedEvent[]
  readonly environment: DecisionEnvironment
}

function moveStep(execution: ExecutionSnapshot, change: StepChange): ExecutionSnapshot {
  const { move } = change
  if (move.creates) {
    return { ...execution, steps: [...execution.steps, created(execution, change, move.creates)] }
  }
  return {
    ...execution,
    steps: execution.steps.map((step) =>
      step.stepId === move.stepId ? { ...step, status: move.to, ...changed(step, change) } : step,
    ),
  }
}

function created(
  execution: ExecutionSnapshot,
  { move }: StepChange,
  creates: NonNullable<StepMove['creates']>,
): StepSnapshot {
  const blank: StepSnapshot = {
    stepId: move.stepId,
    index: creates.index,
    name: creates.name,
    operation: creates.operation,
    undoes: creates.undoes,
    status: move.to,
    attempt: 0,
    attemptToken: null,
    maxRetries: 0,
    timeoutMs: 0,
    workerUuid: null,
    enqueuedAt: null,
    startedAt: null,
    attemptStartedAt: null,
    notBefore: null,
    completedAt: null,
    endedSeq: null,
    outcomeUnknown: false,
    lastError: null,
    output: null,
    reported: null,
  }
  const { retry, timeoutMs } = definitionOf(execution, blank)
  return { ...blank, maxRetries: retry.maxRetries, timeoutMs }
}

/** The columns, beside the status, that a move changes. */
function changed(step: StepSnapshot, change: StepChange): Partial<StepSnapshot> {
  const { move, transition, events, environment } = change
  const outcome = events[0]
  const released = { attemptToken: null, reported: null }
  switch (move.to) {
    case 'enqueued':
      return {
        ...released,
        workerUuid: null,
        notBefore: null,
        enqueuedAt: environment.now,
        ...(move.from === 'pending' && { startedAt: environment.now }),
        ...(move.from === 'in_progress' && { attempt: step.attempt - 1 }),
        ...(move.outcomeUnknown && { outcomeUnknown: true }),
        ...(move.from === 'error' && {
          maxRetries: Math.max(step.maxRetries, step.attempt),
          completedAt: null,
        }),
      }
    case 'in_progress':
      return {
        attempt: step.attempt + 1,
        attemptToken: move.attemptToken ?? null,
        workerUuid: move.context.workerUuid ?? null,
        attemptStartedAt: environment.now,
      }
    case 'enqueued_for_orchestration':
    case 'enqueued_as_error_for_orchestration':
      return {
        attemptToken: null,
        ...(move.report && { reported: { result: move.report, metadata: transition.metadata } }),
        ...(move.report?.success && { output: move.report.output, outcomeUnknown: false }),
      }
    case 'complete':
      return { ...released, ...ended(outcome, environment) }
    case 'waiting_for_retry':
      return {
        ...released,
        endedSeq: outcome?.executionSeq ?? null,
        notBefore: (events.at(-1)?.timestamp ?? environment.now) + (move.delayMs ?? 0),
        ...failed(step, move),
      }
    case 'error':
      return { ...released, ...ended(outcome, environment), ...failed(step, move) }
    case 'resolved_manually':
      return {
        ...released,
        notBefore: null,
        output: move.output ?? null,
        outcomeUnknown: false,
        ...ended(outcome, environment),
      }
    case 'skipped':
      return { ...released, notBefore: null, ...ended(outcome, environment) }
    case 'cancelled':
      return { ...released, notBefore: null, completedAt: environment.now }
    default:
      return {}
  }
}

function ended(outcome: DerivedEvent | undefined, environment: DecisionEnvironment): Partial<StepSnapshot> {
  return { completedAt: environment.now, ...(outcome && { endedSeq: outcome.executionSeq }) }
}

function failed(step: StepSnapshot, move: StepMove): Partial<StepSnapshot> {
  return { lastError: failureOf(step, move).message, ...(move.outcomeUnknown && { outcomeUnknown: true }) }
}
