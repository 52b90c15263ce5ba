import type { Json } from '@steptrail/verify'
import { defaultEffectiveness, type EffectivenessParameters, effectivenessOf } from './effectiveness.ts'
import type { DecisionEnvironment } from './move.ts'
import { definitionOf, type ExecutionSnapshot, type StepSnapshot } from './snapshot.ts'
import type { ExecutionOutcome, ExecutionState } from './states.ts'

/** What may be adjusted at run time. */
export const adjustmentTypes = ['timeout', 'retry', 'skip'] as const

/** What one step did. An UNDO is no step of its own here. */
export interface StepExecutionAudit {
  /** Its place in the workflow, from 1. */
  readonly stepNumber: number
  readonly action: string
  /** From its start to its outcome, retries and their delays included; whole milliseconds. */
  readonly durationMs: number
  /** `completed`, `failed`, or the name of the state it is in. */
  readonly status: string
  readonly retriesAttempted: number
  /** The worker's error, of a step that did not complete; null when there is none. */
  readonly errorMessage: string | null
}

/** A change of a step's limits at run time. */
export interface AdaptiveAdjustment {
  /** The step's place in the workflow, from 1. */
  readonly stepNumber: number
  readonly adjustmentType: string
  readonly reason: string
  /** ISO 8601 in UTC; null where it is not known. */
  readonly timestamp: string | null
}

/** How an execution went, as of one of its ends. */
export interface ExecutionAudit {
  /** The correlation id. */
  readonly remediationId: string
  readonly workflowName: string
  readonly workflowVersion: string
  readonly totalSteps: number
  readonly stepsCompleted: number
  readonly stepsFailed: number
  /** From creation to end, in whole milliseconds; null where it is not known. */
  readonly totalDurationMs: number | null
  readonly outcome: ExecutionOutcome
  /** From 0 to 1; null where nobody said. */
  readonly effectivenessScore: number | null
  /** Steps that were rolled back. */
  readonly rollbacksPerformed: number
  readonly stepExecutions: readonly StepExecutionAudit[]
  readonly adaptiveAdjustments: readonly AdaptiveAdjustment[]
  /** ISO 8601 in UTC. */
  readonly completedAt: string | null
  /** The state it ended in. */
  readonly status: string | null
  readonly errorMessage: string | null
  readonly executionId: string | null
  /** Sequence number of the event that it ended with: tells the ends of one execution apart. */
  readonly endedSeq: number | null
  /** That of its end before, when it had been taken up again. */
  readonly supersedesSeq: number | null
  /** What the score was calculated with; null for a score that was given. */
  readonly scoreParameters: EffectivenessParameters | null
}

/** How an execution went that ends now in this state, its steps being as they are. */
export function executionAuditOf(
  execution: ExecutionSnapshot,
  status: ExecutionState,
  { now, effectiveness = defaultEffectiveness }: Pick<DecisionEnvironment, 'now' | 'effectiveness'>,
): ExecutionAudit {
  const steps = execution.steps.filter(({ operation }) => operation === 'DO')
  const actions = new Map(execution.definition.steps.map(({ name, action }) => [name, action]))
  const stepExecutions = steps.map((step) =>
    stepAuditOf(step, actions.get(step.name) ?? definitionOf(execution, step).action),
  )
  const having = (wanted: string): number => stepExecutions.filter((step) => step.status === wanted).length
  const counts = {
    totalSteps: execution.definition.steps.length,
    stepsCompleted: having('completed'),
    rollbacks: execution.steps.filter(({ operation, status: state }) => operation === 'UNDO' && isDone(state))
      .length,
  }
  const retries = stepExecutions.reduce((sum, step) => sum + step.retriesAttempted, 0)
  return {
    remediationId: execution.correlationId,
    workflowName: execution.definition.name,
    workflowVersion: execution.definition.version,
    totalSteps: counts.totalSteps,
    stepsCompleted: counts.stepsCompleted,
    stepsFailed: having('failed'),
    totalDurationMs: Math.max(0, now - execution.createdAt),
    outcome: outcomeOf(status),
    effectivenessScore: effectivenessOf({ ...counts, retries }, effectiveness),
    rollbacksPerformed: counts.rollbacks,
    stepExecutions,
    adaptiveAdjustments: execution.adjustments,
    completedAt: new Date(now).toISOString(),
    status,
    errorMessage: firstFailure(steps)?.lastError ?? null,
    executionId: execution.executionId,
    endedSeq: execution.nextSeq,
    supersedesSeq: execution.endedSeq,
    scoreParameters: effectiveness,
  }
}

/** Success, failure, or neither. */
export function outcomeOf(status: ExecutionState): ExecutionOutcome {
  if (status === 'completed') return 'success'
  return status === 'failed' || status === 'rollback_failed' ? 'failed' : 'partial'
}

/** The audit as JSON, in the words of its table; durations in milliseconds. What is not known is null. */
export const executionAuditJson = (audit: ExecutionAudit): Readonly<Record<string, Json>> => ({
  remediation_id: audit.remediationId,
  workflow_name: audit.workflowName,
  workflow_version: audit.workflowVersion,
  total_steps: audit.totalSteps,
  steps_completed: audit.stepsCompleted,
  steps_failed: audit.stepsFailed,
  total_duration_ms: audit.totalDurationMs,
  outcome: audit.outcome,
  effectiveness_score: audit.effectivenessScore,
  rollbacks_performed: audit.rollbacksPerformed,
  step_executions: audit.stepExecutions.map((step) => ({
    step_number: step.stepNumber,
    action: step.action,
    duration_ms: step.durationMs,
    status: step.status,
    retries_attempted: step.retriesAttempted,
    ...(step.errorMessage !== null && { error_message: step.errorMessage }),
  })),
  adaptive_adjustments: audit.adaptiveAdjustments.map((adjustment) => ({
    step_number: adjustment.stepNumber,
    adjustment_type: adjustment.adjustmentType,
    reason: adjustment.reason,
    timestamp: adjustment.timestamp,
  })),
  completed_at: audit.completedAt,
  status: audit.status,
  error_message: audit.errorMessage,
  execution_id: audit.executionId,
  ended_seq: audit.endedSeq,
  supersedes_seq: audit.supersedesSeq,
  score_parameters: audit.scoreParameters && {
    retry_penalty: audit.scoreParameters.retryPenalty,
    rollback_penalty: audit.scoreParameters.rollbackPenalty,
  },
})

const isDone = (state: StepSnapshot['status']): boolean =>
  state === 'complete' || state === 'resolved_manually'

function stepAuditOf(step: StepSnapshot, action: string): StepExecutionAudit {
  const done = isDone(step.status)
  return {
    stepNumber: step.index + 1,
    action,
    durationMs:
      step.startedAt === null || step.completedAt === null
        ? 0
        : Math.max(0, step.completedAt - step.startedAt),
    status: done ? 'completed' : step.status === 'error' ? 'failed' : (step.status ?? 'pending'),
    retriesAttempted: Math.max(0, step.attempt - 1),
    errorMessage: done ? null : step.lastError,
  }
}

/** The step that failed first: what failed after it did so while it was waited for. */
const firstFailure = (steps: readonly StepSnapshot[]): StepSnapshot | undefined =>
  steps
    .filter(({ status }) => status === 'error')
    .toSorted((a, b) => (a.endedSeq ?? Infinity) - (b.endedSeq ?? Infinity))[0]
