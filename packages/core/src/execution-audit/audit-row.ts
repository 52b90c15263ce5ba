import type { AdaptiveAdjustment, ExecutionOutcome, StepExecutionAudit } from '@steptrail/workflow'
import type { StoredExecutionAudit } from './audit-rows.ts'

/** A row of `workflow_execution_audit` as it is read. */
export interface AuditRow {
  readonly id: string
  readonly remediation_id: string
  readonly workflow_name: string
  readonly workflow_version: string
  readonly total_steps: number
  readonly steps_completed: number
  readonly steps_failed: number
  readonly total_duration_ms: number | null
  readonly outcome: ExecutionOutcome
  readonly effectiveness_score: number | null
  readonly rollbacks_performed: number
  readonly step_executions: readonly StoredStep[]
  readonly adaptive_adjustments: readonly StoredAdjustment[]
  readonly completed_at: string | null
  readonly status: string | null
  readonly error_message: string | null
  readonly created_at: string
  readonly created_at_text: string
  readonly execution_id: string | null
  readonly ended_seq: number | null
  readonly score_parameters: { readonly retry_penalty: number; readonly rollback_penalty: number } | null
  readonly tenant: string
  readonly supersedes_seq: number | null
}

/** An element of `step_executions`. Rows that other people's SQL wrote may lack some of it. */
interface StoredStep {
  readonly step_number?: number
  readonly action?: string
  readonly duration?: number
  readonly status?: string
  readonly retries_attempted?: number
  readonly error_message?: string
}

/** An element of `adaptive_adjustments`, likewise. */
interface StoredAdjustment {
  readonly step_number?: number
  readonly adjustment_type?: string
  readonly reason?: string
  readonly timestamp?: string
}

/** The audit of a row. */
export const fromAuditRow = (row: AuditRow): StoredExecutionAudit => ({
  id: row.id,
  remediationId: row.remediation_id,
  workflowName: row.workflow_name,
  workflowVersion: row.workflow_version,
  totalSteps: row.total_steps,
  stepsCompleted: row.steps_completed,
  stepsFailed: row.steps_failed,
  totalDurationMs: row.total_duration_ms,
  outcome: row.outcome,
  effectivenessScore: row.effectiveness_score,
  rollbacksPerformed: row.rollbacks_performed,
  stepExecutions: row.step_executions.map(stepOf),
  adaptiveAdjustments: row.adaptive_adjustments.map(adjustmentOf),
  completedAt: row.completed_at,
  status: row.status,
  errorMessage: row.error_message,
  createdAt: row.created_at,
  executionId: row.execution_id,
  endedSeq: row.ended_seq,
  supersedesSeq: row.supersedes_seq,
  scoreParameters: row.score_parameters && {
    retryPenalty: row.score_parameters.retry_penalty,
    rollbackPenalty: row.score_parameters.rollback_penalty,
  },
  tenant: row.tenant,
})

const stepOf = (step: StoredStep): StepExecutionAudit => ({
  stepNumber: step.step_number ?? 0,
  action: step.action ?? '',
  durationMs: step.duration ?? 0,
  status: step.status ?? '',
  retriesAttempted: step.retries_attempted ?? 0,
  errorMessage: step.error_message ?? null,
})

const adjustmentOf = (adjustment: StoredAdjustment): AdaptiveAdjustment => ({
  stepNumber: adjustment.step_number ?? 0,
  adjustmentType: adjustment.adjustment_type ?? '',
  reason: adjustment.reason ?? '',
  timestamp: adjustment.timestamp ?? null,
})
