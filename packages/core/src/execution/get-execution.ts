import { isUuid, type OperationType, TrailError } from '@steptrail/event'
import type { Json } from '@steptrail/verify'
import type { StepState } from '@steptrail/workflow'
import type { Query } from '../database/database.ts'
import {
  type ExecutionSummary,
  type ExecutionSummaryRow,
  summaryColumns,
  summaryOf,
} from './execution-summary.ts'

/** A step as it stands. Instants are ISO 8601 in UTC. */
export interface StepView {
  readonly stepId: string
  readonly index: number
  readonly name: string
  readonly action: string
  readonly service: string
  readonly operationType: OperationType
  /** The DO step that an UNDO undoes. */
  readonly undoesStepId: string | null
  readonly status: StepState
  /** Attempts made so far. */
  readonly attempt: number
  readonly maxRetries: number
  readonly timeoutMs: number
  readonly workerUuid: string | null
  readonly startedAt: string | null
  readonly attemptStartedAt: string | null
  readonly completedAt: string | null
  /** When the next attempt is due, while it waits for a retry. */
  readonly notBefore: string | null
  readonly outcomeUnknown: boolean
  readonly lastError: string | null
  readonly output: Json
}

/** A step that is due and that no live worker implements. */
export interface UnattendedStep {
  readonly stepName: string
  readonly service: string
  readonly operationType: OperationType
}

/** An execution as it stands, with its steps in order. */
export interface ExecutionView extends ExecutionSummary {
  readonly input: Json
  readonly output: Json
  readonly steps: readonly StepView[]
  /** Due steps for which there is no live worker: the execution waits until one starts. */
  readonly unattended: readonly UnattendedStep[]
}

/**
 * An execution with its steps.
 *
 * @throws TrailError `invalid_filter` when the id is no UUID
 * @throws TrailError `execution_not_found`
 */
export async function getExecution(
  { query }: { readonly query: Query },
  executionId: string,
): Promise<ExecutionView> {
  requireExecutionId(executionId)
  const execution = await query<ExecutionRow>(selectExecution, [executionId])
  const row = execution.rows[0]
  if (!row) throw executionNotFound(executionId)
  const steps = await query<StepRow>(selectSteps, [executionId])
  const isOurs = row.engine === 'steptrail'
  const ended = row.completed_at !== null
  return {
    ...summaryOf(row),
    input: row.input,
    output: row.output,
    steps: steps.rows.map(stepView),
    unattended: steps.rows
      .filter((step) => isOurs && !ended && step.status === 'enqueued' && !step.attended)
      .map((step) => ({
        stepName: step.name,
        service: step.service_name,
        operationType: step.operation_type,
      })),
  }
}

/**
 * The id as the database writes it, in lower case, when it is one.
 *
 * @throws TrailError `invalid_filter` when it is no UUID
 */
export function requireExecutionId(executionId: string): string {
  if (isUuid(executionId)) return executionId.toLowerCase()
  throw new TrailError(
    'invalid_filter',
    `An execution's id is a UUID; ${JSON.stringify(executionId)} is none. Take one from the list of executions.`,
    { details: { filter: 'executionId', value: executionId } },
  )
}

/** Says that there is no such execution. */
export const executionNotFound = (executionId: string): TrailError =>
  new TrailError(
    'execution_not_found',
    `There is no execution ${executionId} here. Check the id, and that this is the database it ran on.`,
    { details: { executionId } },
  )

const stepView = (row: StepRow): StepView => ({
  stepId: row.workflow_step_uuid,
  index: row.step_index,
  name: row.name,
  action: row.action,
  service: row.service_name,
  operationType: row.operation_type,
  undoesStepId: row.undoes_step_uuid,
  status: row.status,
  attempt: row.attempt,
  maxRetries: row.max_retries,
  timeoutMs: row.timeout_ms,
  workerUuid: row.worker_uuid,
  startedAt: row.started_at,
  attemptStartedAt: row.attempt_started_at,
  completedAt: row.completed_at,
  notBefore: row.not_before,
  outcomeUnknown: row.outcome_unknown,
  lastError: row.last_error,
  output: row.output,
})

interface ExecutionRow extends ExecutionSummaryRow {
  readonly input: Json
  readonly output: Json
}

interface StepRow {
  readonly workflow_step_uuid: string
  readonly step_index: number
  readonly name: string
  readonly action: string
  readonly service_name: string
  readonly operation_type: OperationType
  readonly undoes_step_uuid: string | null
  readonly status: StepState
  readonly attempt: number
  readonly max_retries: number
  readonly timeout_ms: number
  readonly worker_uuid: string | null
  readonly started_at: string | null
  readonly attempt_started_at: string | null
  readonly completed_at: string | null
  readonly not_before: string | null
  readonly outcome_unknown: boolean
  readonly last_error: string | null
  readonly output: Json
  readonly attended: boolean
}

const selectExecution = `
select ${summaryColumns}, execution.input, execution.output
from workflow_executions as execution
where execution.execution_id = $1`

const selectSteps = `
select step.workflow_step_uuid, step.step_index, step.name, step.action, step.service_name,
       step.operation_type, step.undoes_step_uuid, step.status, step.attempt, step.max_retries,
       step.timeout_ms, step.worker_uuid, step.started_at, step.attempt_started_at, step.completed_at,
       step.not_before, step.outcome_unknown, step.last_error, step.output,
       exists (
         select
         from workflow_workers as worker
         where worker.lease_until > clock_timestamp()
           and worker.tenant in (step.tenant, 'default')
           and worker.implements @> jsonb_build_array(jsonb_build_object(
             'workflowName', step.workflow_name,
             'workflowVersion', step.workflow_version,
             'stepName', step.name))) as attended
from workflow_steps as step
where step.execution_id = $1
order by step.step_index`
