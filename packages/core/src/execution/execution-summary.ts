import type { Actor, ActorType, EngineCapabilities } from '@steptrail/event'
import type { ExecutionState } from '@steptrail/workflow'

/** An execution at a glance. Instants are ISO 8601 in UTC; durations are whole milliseconds. */
export interface ExecutionSummary {
  readonly executionId: string
  readonly workflowName: string
  readonly workflowVersion: string
  readonly definitionHash: string
  /** Who runs it: `steptrail`, or another engine, which an adapter puts on record. */
  readonly engine: string
  /** Its id in that other engine; null for our own. */
  readonly engineExecutionId: string | null
  /** What that other engine shows; what it does not is not observable. Null for our own, which shows all. */
  readonly engineCapabilities: EngineCapabilities | null
  readonly status: ExecutionState
  readonly correlationId: string
  readonly idempotencyKey: string | null
  readonly actor: Actor | null
  readonly tenant: string
  readonly createdAt: string
  readonly startedAt: string | null
  readonly completedAt: string | null
  /** From creation to end; null while it has not ended. */
  readonly durationMs: number | null
  /** DO steps that the workflow has. */
  readonly totalSteps: number
  /** DO steps that completed, whether or not they were undone later. */
  readonly completedSteps: number
  /** Retries made so far, of DO and UNDO. */
  readonly retries: number
  /** Steps that were undone. */
  readonly rolledBackSteps: number
}

/** The row behind a summary. */
export interface ExecutionSummaryRow {
  readonly execution_id: string
  readonly workflow_name: string
  readonly workflow_version: string
  readonly definition_hash: string
  readonly engine: string
  readonly engine_execution_id: string | null
  readonly engine_capabilities: EngineCapabilities | null
  readonly status: ExecutionState
  readonly correlation_id: string
  readonly idempotency_key: string | null
  readonly actor_type: ActorType | null
  readonly actor_id: string | null
  readonly tenant: string
  readonly created_at: string
  readonly started_at: string | null
  readonly completed_at: string | null
  readonly total_steps: number
  readonly completed_steps: number
  readonly retries: number
  readonly rolled_back_steps: number
}

/** The select list of `ExecutionSummaryRow`, over `workflow_executions as execution`. */
export const summaryColumns = `execution.execution_id, execution.workflow_name, execution.workflow_version,
       execution.definition_hash, execution.engine, execution.engine_execution_id,
       execution.engine_capabilities, execution.status, execution.correlation_id,
       execution.idempotency_key, execution.actor_type, execution.actor_id, execution.tenant,
       execution.created_at, execution.started_at, execution.completed_at,
       (select count(*) from workflow_steps as step
        where step.execution_id = execution.execution_id and step.operation_type = 'DO') as total_steps,
       (select count(*) from workflow_steps as step
        where step.execution_id = execution.execution_id and step.operation_type = 'DO'
          and step.status in ('complete', 'resolved_manually')) as completed_steps,
       (select coalesce(sum(greatest(step.attempt - 1, 0)), 0)::bigint from workflow_steps as step
        where step.execution_id = execution.execution_id) as retries,
       (select count(*) from workflow_steps as step
        where step.execution_id = execution.execution_id and step.operation_type = 'UNDO'
          and step.status in ('complete', 'resolved_manually')) as rolled_back_steps`

/** The summary of a row. */
export function summaryOf(row: ExecutionSummaryRow): ExecutionSummary {
  return {
    executionId: row.execution_id,
    workflowName: row.workflow_name,
    workflowVersion: row.workflow_version,
    definitionHash: row.definition_hash,
    engine: row.engine,
    engineExecutionId: row.engine_execution_id,
    engineCapabilities: row.engine_capabilities,
    status: row.status,
    correlationId: row.correlation_id,
    idempotencyKey: row.idempotency_key,
    actor:
      row.actor_type === null || row.actor_id === null ? null : { type: row.actor_type, id: row.actor_id },
    tenant: row.tenant,
    createdAt: row.created_at,
    startedAt: row.started_at,
    completedAt: row.completed_at,
    durationMs: row.completed_at === null ? null : Date.parse(row.completed_at) - Date.parse(row.created_at),
    totalSteps: row.total_steps,
    completedSteps: row.completed_steps,
    retries: row.retries,
    rolledBackSteps: row.rolled_back_steps,
  }
}
