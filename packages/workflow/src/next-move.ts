import { backoffDelayMs } from './backoff.ts'
import type { DecisionEnvironment, Move, TransitionContext } from './move.ts'
import { definitionOf, type ExecutionSnapshot, hasRetriesLeft, type StepSnapshot } from './snapshot.ts'
import { isSatisfied } from './states.ts'
import { stepInputOf } from './step-events.ts'

/** What the state of an execution calls for, one move at a time; null when it has to wait. Pure. */
export function nextMove(execution: ExecutionSnapshot, environment: DecisionEnvironment): Move | null {
  return reportedMove(execution, environment) ?? statusMove(execution, environment)
}

function statusMove(execution: ExecutionSnapshot, environment: DecisionEnvironment): Move | null {
  switch (execution.status) {
    case 'pending':
      return { kind: 'execution', from: 'pending', to: 'running', context: contextOf(execution) }
    case 'running':
      return failureMove(execution) ?? forwardMove(execution, environment)
    case 'rolling_back':
      return haltMove(execution) ?? rollbackMove(execution, environment)
    default:
      return null
  }
}

/** Decides a step that a worker has reported on. */
function reportedMove(execution: ExecutionSnapshot, environment: DecisionEnvironment): Move | null {
  const context = contextOf(execution)
  for (const step of execution.steps) {
    if (step.status === 'enqueued_for_orchestration') {
      return { kind: 'step', stepId: step.stepId, from: step.status, to: 'complete', context }
    }
    if (step.status === 'enqueued_as_error_for_orchestration') {
      const head = { kind: 'step', stepId: step.stepId, from: step.status, context } as const
      const unknown = mayHaveActed(step) && ({ outcomeUnknown: true } as const)
      return { ...head, ...unknown, ...afterFailure(execution, step, environment) }
    }
  }
  return null
}

/**
 * Whether a failure says nothing of what the attempt did: its handler returned, and only what it returned was refused;
 * or it was told to stop and passed that on.
 */
function mayHaveActed({ reported }: StepSnapshot): boolean {
  if (reported?.result.success !== false) return false
  const { code } = reported.result.error
  return code === 'invalid_output' || code === 'attempt_aborted'
}

/**
 * Where a failed attempt leads: to a retry after its back-off, or to `error` when no retries are left, the error
 * is fatal, or the execution rolls back already.
 */
export function afterFailure(
  execution: ExecutionSnapshot,
  step: StepSnapshot,
  environment: DecisionEnvironment,
): { readonly to: 'waiting_for_retry'; readonly delayMs: number } | { readonly to: 'error' } {
  const givenUp = step.operation === 'DO' && execution.status === 'rolling_back'
  const result = step.reported?.result
  const error = result?.success === false ? result.error : undefined
  if (givenUp || error?.fatal || !hasRetriesLeft(step)) return { to: 'error' }
  const { backoff } = definitionOf(execution, step).retry
  const delayMs = error?.retryAfterMs ?? backoffDelayMs(backoff, step.attempt, environment.random())
  return { to: 'waiting_for_retry', delayMs }
}

function failureMove(execution: ExecutionSnapshot): Move | null {
  const failed = execution.steps.find((step) => step.operation === 'DO' && step.status === 'error')
  if (!failed) return null
  const context = contextOf(execution)
  const failure = { step: failed.name, message: failed.lastError ?? 'Step failed' }
  switch (definitionOf(execution, failed).onFailure) {
    case 'rollback':
      return { kind: 'execution', from: 'running', to: 'rolling_back', context, failure }
    case 'block':
      return { kind: 'execution', from: 'running', to: 'blocked', context, failure }
    case 'skip': {
      const reason = `failed for good, and the workflow goes on without it: ${failure.message}`
      return skip(failed, { ...context, reason })
    }
  }
}

const skip = (step: StepSnapshot, context: TransitionContext): Move => ({
  kind: 'step',
  stepId: step.stepId,
  from: step.status,
  to: 'skipped',
  context,
})

function forwardMove(execution: ExecutionSnapshot, environment: DecisionEnvironment): Move | null {
  const context = contextOf(execution)
  const satisfied = new Set(
    execution.steps
      .filter((step) => step.operation === 'DO' && step.status !== null && isSatisfied(step.status))
      .map((step) => step.name),
  )
  const due = execution.steps.find(
    (step) =>
      step.status === 'pending' && definitionOf(execution, step).after.every((name) => satisfied.has(name)),
  )
  if (due && !isWanted(execution, due, environment))
    return skip(due, { ...context, reason: 'condition not met' })
  if (due) return { kind: 'step', stepId: due.stepId, from: 'pending', to: 'enqueued', context }
  return satisfied.size === execution.definition.steps.length
    ? { kind: 'execution', from: 'running', to: 'completed', context }
    : null
}

function isWanted(
  execution: ExecutionSnapshot,
  step: StepSnapshot,
  environment: DecisionEnvironment,
): boolean {
  const { when } = definitionOf(execution, step)
  return when === null || environment.fits(when, stepInputOf(execution, step))
}

/** Before a rollback: what has not been claimed will not be. */
function haltMove(execution: ExecutionSnapshot): Move | null {
  const idle = execution.steps.find(
    (step) =>
      step.operation === 'DO' &&
      (step.status === 'pending' || step.status === 'enqueued' || step.status === 'waiting_for_retry'),
  )
  if (!idle?.status) return null
  const context = { ...contextOf(execution), reason: 'the execution rolls back' }
  return { kind: 'step', stepId: idle.stepId, from: idle.status, to: 'cancelled', context }
}

function rollbackMove(execution: ExecutionSnapshot, environment: DecisionEnvironment): Move | null {
  if (execution.steps.some((step) => step.operation === 'DO' && step.status === 'in_progress')) return null
  const context = contextOf(execution)
  const plan = execution.rollbackPlan
  if (!plan) {
    const undoing = stepsToUndo(execution).map((step) => step.name)
    return { kind: 'execution', from: 'rolling_back', to: 'rolling_back', context, plan: undoing }
  }
  return plannedMove(execution, plan, environment) ?? undoMove(execution)
}

/** Creates the UNDO steps that the plan names, one at a time and in its order. */
function plannedMove(
  execution: ExecutionSnapshot,
  plan: readonly string[],
  environment: DecisionEnvironment,
): Move | null {
  const planned = execution.steps.filter((step) => step.operation === 'UNDO').length
  const name = plan[planned]
  if (name === undefined) return null
  const undone = execution.steps.find((step) => step.operation === 'DO' && step.name === name)
  if (!undone) throw new Error(`the rollback plan names ${name}, which has no DO step`)
  return {
    kind: 'step',
    stepId: environment.newId(),
    from: null,
    to: 'pending',
    context: contextOf(execution),
    creates: { index: execution.steps.length, name, operation: 'UNDO', undoes: undone.stepId },
  }
}

function undoMove(execution: ExecutionSnapshot): Move | null {
  const context = contextOf(execution)
  const undos = execution.steps.filter((step) => step.operation === 'UNDO')
  const current = undos.find((step) => step.status !== null && !isSatisfied(step.status))
  if (!current) {
    const to = execution.isCancelled ? 'cancelled' : 'failed'
    return { kind: 'execution', from: 'rolling_back', to, context }
  }
  if (current.status === 'error') {
    return { kind: 'execution', from: 'rolling_back', to: 'rollback_failed', context }
  }
  if (current.status !== 'pending') return null
  return definitionOf(execution, current).undo === 'none'
    ? skip(current, { ...context, reason: 'no undo defined' })
    : { kind: 'step', stepId: current.stepId, from: 'pending', to: 'enqueued', context }
}

/**
 * Completed and unknown-outcome steps, in reverse order of completion. One that came to no outcome, since it was
 * given back, is as late as any: nothing that comes after it has begun.
 */
function stepsToUndo(execution: ExecutionSnapshot): readonly StepSnapshot[] {
  return execution.steps
    .filter(
      (step) =>
        step.operation === 'DO' &&
        (step.status === 'complete' || step.status === 'resolved_manually' || step.outcomeUnknown),
    )
    .toSorted((one, other) => endOf(other) - endOf(one))
}

const endOf = ({ endedSeq }: StepSnapshot): number => endedSeq ?? Number.MAX_SAFE_INTEGER

/** What every transition of an execution carries. */
export const contextOf = (execution: ExecutionSnapshot): { readonly correlationId: string } => ({
  correlationId: execution.correlationId,
})
