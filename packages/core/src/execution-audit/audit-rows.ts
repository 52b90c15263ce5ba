import type { ExecutionAudit } from '@steptrail/workflow'
import type { Query } from '../database/database.ts'
import { ensurePartitions, partitionsOf } from '../partition/ensure-partitions.ts'

/** An audit that is stored, or is to be. */
export interface StoredExecutionAudit extends ExecutionAudit {
  readonly id: string
  /** ISO 8601 in UTC. */
  readonly createdAt: string
  readonly tenant: string
}

/** What the table is given as JSON, column by column; what is null is left out. */
export const auditRow = (audit: StoredExecutionAudit): Readonly<Record<string, unknown>> => ({
  id: audit.id,
  remediation_id: audit.remediationId,
  workflow_name: audit.workflowName,
  workflow_version: audit.workflowVersion,
  total_steps: audit.totalSteps,
  steps_completed: audit.stepsCompleted,
  steps_failed: audit.stepsFailed,
  total_duration_ms: audit.totalDurationMs ?? undefined,
  outcome: audit.outcome,
  effectiveness_score: audit.effectivenessScore ?? undefined,
  rollbacks_performed: audit.rollbacksPerformed,
  step_executions: audit.stepExecutions.map((step) => ({
    step_number: step.stepNumber,
    action: step.action,
    duration: step.durationMs,
    status: step.status,
    retries_attempted: step.retriesAttempted,
    error_message: step.errorMessage ?? undefined,
  })),
  adaptive_adjustments: audit.adaptiveAdjustments.map((adjustment) => ({
    step_number: adjustment.stepNumber,
    adjustment_type: adjustment.adjustmentType,
    reason: adjustment.reason,
    timestamp: adjustment.timestamp ?? undefined,
  })),
  completed_at: audit.completedAt ?? undefined,
  status: audit.status ?? undefined,
  error_message: audit.errorMessage ?? undefined,
  created_at: audit.createdAt,
  execution_id: audit.executionId ?? undefined,
  ended_seq: audit.endedSeq ?? undefined,
  score_parameters: audit.scoreParameters && {
    retry_penalty: audit.scoreParameters.retryPenalty,
    rollback_penalty: audit.scoreParameters.rollbackPenalty,
  },
  tenant: audit.tenant,
  supersedes_seq: audit.supersedesSeq ?? undefined,
})

/** The statement that inserts the rows given with a parameter, as `auditRow` makes them, in JSON. */
export const insertAuditsOf = (parameter: `$${number}`): string => `
  insert into workflow_execution_audit (
    id, remediation_id, workflow_name, workflow_version, total_steps, steps_completed, steps_failed,
    total_duration, outcome, effectiveness_score, rollbacks_performed, step_executions, adaptive_adjustments,
    completed_at, status, error_message, created_at, execution_id, ended_seq, score_parameters, tenant,
    supersedes_seq)
  select id, remediation_id, workflow_name, workflow_version, total_steps, steps_completed, steps_failed,
         total_duration_ms * interval '1 millisecond', outcome, effectiveness_score, rollbacks_performed,
         step_executions, adaptive_adjustments, completed_at, status, error_message, created_at, execution_id,
         ended_seq, score_parameters, tenant, supersedes_seq
  from json_to_recordset(${parameter}::text::json) as audit(
    id uuid, remediation_id text, workflow_name text, workflow_version text, total_steps int,
    steps_completed int, steps_failed int, total_duration_ms bigint, outcome text, effectiveness_score float8,
    rollbacks_performed int, step_executions jsonb, adaptive_adjustments jsonb, completed_at timestamptz,
    status text, error_message text, created_at timestamptz, execution_id text, ended_seq bigint,
    score_parameters jsonb, tenant text, supersedes_seq bigint)
  returning 1`

/**
 * Writes audits in one statement, and makes the partitions they need. It checks nothing: this is for writers that
 * know how executions went, such as projections of other engines.
 */
export async function insertExecutionAudits(
  tx: Query,
  audits: readonly StoredExecutionAudit[],
): Promise<void> {
  if (audits.length === 0) return
  const times = audits.map(({ createdAt }) => createdAt)
  await ensurePartitions(tx, partitionsOf('workflow_execution_audit', times))
  await tx(insertAuditsOf('$1'), [JSON.stringify(audits.map(auditRow))])
}
