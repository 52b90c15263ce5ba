import type { Json } from '@steptrail/verify'
import { digestOf, type Draft, system } from './derived-event.ts'
import type { DecisionEnvironment, ExecutionMove } from './move.ts'
import { planOf } from './plan-of.ts'
import type { ExecutionSnapshot, StepSnapshot } from './snapshot.ts'

/** The events of an execution's own moves. */
export function orchestrationDrafts(
  before: ExecutionSnapshot,
  move: ExecutionMove,
  environment: DecisionEnvironment,
): readonly Draft[] {
  const base = { ...orchestration, serviceName: environment.serviceName }
  const durationMs = Math.max(0, environment.now - before.createdAt)
  switch (move.to) {
    case 'running':
      return move.from === 'pending' ? [started(before, environment)] : resumed(base, move)
    case 'paused':
      return [{ ...base, ...ordered(move), eventType: 'ORCHESTRATION_PAUSED', message: 'Workflow paused' }]
    case 'cancelled':
      return move.from === 'rolling_back'
        ? [rollbackEnded(before, environment)]
        : [cancelled(base, move, durationMs)]
    case 'completed':
      return [
        {
          ...base,
          eventType: 'ORCHESTRATION_COMPLETED',
          status: 'SUCCESS',
          durationMs,
          message: 'Workflow completed',
          details: { outputDigest: digestOf(outputOf(before), environment) },
        },
      ]
    case 'rolling_back':
      return move.plan ? [rollbackStarted(base, move.plan)] : triggerDrafts(base, move, durationMs)
    case 'blocked':
      return move.failure ? [blocked(base, move.failure)] : []
    case 'failed':
      return [rollbackEnded(before, environment)]
    case 'rollback_failed':
      return [rollbackFailed(before, environment)]
    default:
      return []
  }
}

const orchestration = {
  entityType: 'ORCHESTRATION',
  status: null,
  severity: 'info',
  stepId: null,
  stepName: null,
  operationType: null,
  durationMs: null,
  retryCount: null,
  actor: system,
  reason: null,
  parent: 'outcome',
} as const

function started(before: ExecutionSnapshot, environment: DecisionEnvironment): Draft {
  const { definition } = before
  return {
    ...orchestration,
    serviceName: environment.serviceName,
    eventType: 'ORCHESTRATION_STARTED',
    actor: before.actor,
    parent: 'none',
    message: `Workflow ${definition.name} ${definition.version} started`,
    details: {
      definitionHash: before.definitionHash,
      plan: planOf(definition),
      inputDigest: digestOf(before.input, environment),
      ...(definition.recordInput && { input: environment.redact(before.input) }),
      ...(before.givenActor && { givenActor: { ...before.givenActor } }),
    },
  }
}

type Base = typeof orchestration & { readonly serviceName: string }

/** What an operator's order leaves on every event of it: who, why, what was before and what is after. */
const ordered = ({ order, from, to, context }: ExecutionMove) => ({
  actor: context.actor ?? null,
  reason: context.reason ?? null,
  details: {
    ...(order !== undefined && { action: order }),
    before: from,
    after: to,
    ...(context.approvedBy && { approvedBy: { ...context.approvedBy } }),
    ...(context.givenActor && { givenActor: { ...context.givenActor } }),
  },
})

/** Only the end of a pause is an event of its own: what unblocks an execution is the order to its step. */
function resumed(base: Base, move: ExecutionMove): readonly Draft[] {
  return move.from === 'paused'
    ? [{ ...base, ...ordered(move), eventType: 'ORCHESTRATION_RESUMED', message: 'Workflow resumed' }]
    : []
}

const cancelled = (base: Base, move: ExecutionMove, durationMs: number): Draft => ({
  ...base,
  ...ordered(move),
  eventType: 'ORCHESTRATION_CANCELLED',
  severity: 'warning',
  durationMs,
  message: 'Workflow cancelled',
})

/** A rollback begins with a failure, with a cancel, or with an operator who takes up one that failed. */
function triggerDrafts(base: Base, move: ExecutionMove, durationMs: number): readonly Draft[] {
  if (move.failure) return failureDrafts(base, move.failure, durationMs)
  const triggered: Draft = {
    ...base,
    ...ordered(move),
    eventType: 'ROLLBACK_TRIGGERED',
    severity: 'warning',
    message: 'Rollback triggered',
    details: { ...ordered(move).details, triggerStep: null },
  }
  return move.order === 'cancel' ? [cancelled(base, move, durationMs), triggered] : [triggered]
}

function failureDrafts(
  base: Base,
  failure: NonNullable<ExecutionMove['failure']>,
  durationMs: number,
): readonly Draft[] {
  return [
    {
      ...base,
      eventType: 'ORCHESTRATION_FAILED',
      status: 'FAILED',
      severity: 'error',
      durationMs,
      reason: failure.message,
      message: `Workflow failed at step ${failure.step}`,
      details: { failedStep: failure.step, errorMessage: failure.message },
    },
    {
      ...base,
      eventType: 'ROLLBACK_TRIGGERED',
      severity: 'warning',
      reason: `Step ${failure.step} failed`,
      message: 'Rollback triggered',
      details: { triggerStep: failure.step },
    },
  ]
}

function blocked(base: Base, failure: NonNullable<ExecutionMove['failure']>): Draft {
  return {
    ...base,
    eventType: 'ORCHESTRATION_BLOCKED',
    severity: 'error',
    reason: failure.message,
    message: `Waits for an operator at step ${failure.step}`,
    details: { step: failure.step, errorMessage: failure.message },
  }
}

function rollbackStarted(base: Base, plan: readonly string[]): Draft {
  return {
    ...base,
    eventType: 'ROLLBACK_STARTED',
    severity: 'warning',
    message: plan.length === 0 ? 'Nothing to roll back' : `Rolling back ${plan.length} steps`,
    details: { stepsToRollback: plan },
  }
}

function rollbackEnded(before: ExecutionSnapshot, environment: DecisionEnvironment): Draft {
  const { rolledBack, skipped } = rollbackProgress(before)
  return {
    ...orchestration,
    serviceName: environment.serviceName,
    eventType: 'ROLLBACK_COMPLETED',
    status: 'SUCCESS',
    durationMs: sinceRollback(before, environment),
    message: `Rolled back ${rolledBack.length} steps`,
    details: { rolledBackSteps: rolledBack, ...(skipped.length > 0 && { skippedSteps: skipped }) },
  }
}

/** Steps that a text names; the details name all of them. */
const mostNamed = 50

function rollbackFailed(before: ExecutionSnapshot, environment: DecisionEnvironment): Draft {
  const { rolledBack, skipped, left } = rollbackProgress(before)
  return {
    ...orchestration,
    serviceName: environment.serviceName,
    eventType: 'ROLLBACK_FAILED',
    status: 'FAILED',
    severity: 'critical',
    durationMs: sinceRollback(before, environment),
    reason: `Left undone: ${left.slice(0, mostNamed).join(', ')}${left.length > mostNamed ? ` and ${left.length - mostNamed} more` : ''}`,
    message: 'Rollback failed',
    details: {
      rolledBackSteps: rolledBack,
      ...(skipped.length > 0 && { skippedSteps: skipped }),
      leftUndone: left,
    },
  }
}

const isUndone = (step: StepSnapshot): boolean =>
  step.status === 'complete' || step.status === 'resolved_manually'

/** Names of the steps whose UNDO is done, was skipped, and is not done, in the order of the rollback. */
function rollbackProgress(before: ExecutionSnapshot): {
  readonly rolledBack: readonly string[]
  readonly skipped: readonly string[]
  readonly left: readonly string[]
} {
  const undos = before.steps.filter((step) => step.operation === 'UNDO')
  const named = (keep: (step: StepSnapshot) => boolean): readonly string[] =>
    undos.filter(keep).map((step) => step.name)
  return {
    rolledBack: named(isUndone),
    skipped: named((step) => step.status === 'skipped'),
    left: named((step) => !isUndone(step) && step.status !== 'skipped'),
  }
}

function sinceRollback(before: ExecutionSnapshot, environment: DecisionEnvironment): number {
  return Math.max(0, environment.now - (before.rollbackTriggeredAt ?? environment.now))
}

/** What an execution yields: the outputs of the steps that nothing comes after, by step name. */
export function outputOf(execution: ExecutionSnapshot): Readonly<Record<string, Json>> {
  const followed = new Set(execution.definition.steps.flatMap((step) => step.after))
  return Object.fromEntries(
    execution.steps
      .filter((step) => step.operation === 'DO' && !followed.has(step.name))
      .map((step) => [step.name, step.output]),
  )
}
