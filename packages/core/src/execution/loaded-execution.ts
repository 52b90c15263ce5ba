import type { Actor, EngineCapabilities, OperationType } from '@steptrail/event'
import type {
  AdaptiveAdjustment,
  ExecutionSnapshot,
  ExecutionState,
  StepSnapshot,
  StepState,
  WorkflowDefinition,
} from '@steptrail/workflow'
import type { Json } from '@steptrail/verify'
import type { PreparedStatement, Query } from '../database/database.ts'
import { type DefinitionCache, loadDefinitions } from './definitions.ts'
import { millisecondsOf, optionalIsoOf, optionalMillisecondsOf } from './instant.ts'

/** What the writer needs to know of a step beside what deciding does. */
export interface StepRecord {
  readonly lastEventId: string | null
  /** The sort key of its last transition; 0 before the first. */
  readonly lastSortKey: number
}

/** An execution as it was read, or as it is to be created. */
export interface LoadedExecution {
  readonly snapshot: ExecutionSnapshot
  readonly tenant: string
  readonly records: ReadonlyMap<string, StepRecord>
  /**
   * Which version of the stored row was read: the transaction that wrote it (`xmin`). Whoever writes without having
   * held the lock since finds by it whether anything was decided meanwhile. Null for one that is not stored yet.
   */
  readonly version: string | null
  /** For one that is not stored yet: what makes it the only one of its kind. */
  readonly idempotencyKey?: string | null
  /** For one that is not stored yet and is another engine's: what is stored of that. */
  readonly engine?: ForeignEngine
}

/** The engine of an execution that is not our own. */
export interface ForeignEngine {
  readonly name: string
  /** The execution's id there. */
  readonly executionId: string
  readonly capabilities: EngineCapabilities
}

/** How executions are locked and read. */
export interface LoadOptions {
  /** `wait`: until the lock is free. `skip`: what another transaction holds is left out of the answer. */
  readonly whenLocked: 'wait' | 'skip'
  readonly definitions?: DefinitionCache
  /** Milliseconds since 1970, instead of the database's clock. */
  readonly now?: number | undefined
}

/** Executions under their locks, and what time it is. */
export interface LoadedBatch {
  readonly executions: readonly LoadedExecution[]
  readonly now: number
}

/**
 * Locks executions (`for no key update`, in the order of their ids, so that two batches cannot deadlock) and
 * reads them with their steps. The locks are held until the transaction ends. An id without an execution is
 * left out.
 */
export async function loadExecutions(
  tx: Query,
  executionIds: readonly string[],
  options: LoadOptions,
): Promise<LoadedBatch> {
  const locked = await tx<ExecutionRow>(options.whenLocked === 'skip' ? lockSkipping : lockWaiting, [
    executionIds,
  ])
  const ids = locked.rows.map((row) => row.execution_id)
  const read = await tx<StepRow & Wanted>(selectSteps, [ids, optionalIsoOf(options.now ?? null)])
  const steps = Map.groupBy(
    read.rows.filter((step) => step.workflow_step_uuid !== null),
    (step) => step.execution_id,
  )
  const definitions = options.definitions ?? new Map<string, WorkflowDefinition>()
  await loadDefinitions(
    tx,
    locked.rows.map((row) => row.definition_hash),
    definitions,
  )
  return {
    now: millisecondsOf(read.rows[0]?.now ?? new Date(0).toISOString()),
    executions: locked.rows.map((row) => assemble(row, steps.get(row.execution_id) ?? [], definitions)),
  }
}

/** An execution of its row and those of its steps. */
export function assemble(
  row: ExecutionRow,
  steps: readonly StepRow[],
  definitions: DefinitionCache,
): LoadedExecution {
  const definition = definitions.get(row.definition_hash)
  if (!definition) {
    throw new Error(`execution ${row.execution_id} is pinned to a definition that is not stored`)
  }
  const undos = steps.filter((step) => step.operation_type === 'UNDO')
  const plan = undos.length > 0 ? undos.map((step) => step.name) : null
  return {
    tenant: row.tenant,
    version: row.version,
    records: new Map(
      steps.map((step) => [
        step.workflow_step_uuid,
        { lastEventId: step.last_event_id, lastSortKey: step.last_sort_key },
      ]),
    ),
    snapshot: {
      executionId: row.execution_id,
      status: row.status,
      definition,
      definitionHash: row.definition_hash,
      input: row.input,
      output: row.output,
      correlationId: row.correlation_id,
      actor:
        row.actor_type === null || row.actor_id === null ? null : { type: row.actor_type, id: row.actor_id },
      createdAt: millisecondsOf(row.created_at),
      rollbackTriggeredAt: optionalMillisecondsOf(row.rollback_triggered_at),
      isCancelled: row.is_cancelled,
      rollbackPlan: plan,
      adjustments: row.adjustments,
      endedSeq: row.last_ended_seq,
      nextSeq: row.next_seq,
      lastEventAt: optionalMillisecondsOf(row.last_event_at),
      steps: steps.map(stepSnapshot),
    },
  }
}

function stepSnapshot(row: StepRow): StepSnapshot {
  return {
    stepId: row.workflow_step_uuid,
    index: row.step_index,
    name: row.name,
    operation: row.operation_type,
    undoes: row.undoes_step_uuid,
    status: row.status,
    attempt: row.attempt,
    attemptToken: row.attempt_token,
    maxRetries: row.max_retries,
    timeoutMs: row.timeout_ms,
    workerUuid: row.worker_uuid,
    enqueuedAt: optionalMillisecondsOf(row.enqueued_at),
    startedAt: optionalMillisecondsOf(row.started_at),
    attemptStartedAt: optionalMillisecondsOf(row.attempt_started_at),
    notBefore: optionalMillisecondsOf(row.not_before),
    completedAt: optionalMillisecondsOf(row.completed_at),
    endedSeq: row.ended_seq,
    outcomeUnknown: row.outcome_unknown,
    lastError: row.last_error,
    output: row.output,
    reported: null,
  }
}

/** A row of `workflow_executions` as `executionColumns` selects it. */
export interface ExecutionRow {
  readonly execution_id: string
  readonly version: string
  readonly definition_hash: string
  readonly status: ExecutionState
  readonly input: Json
  readonly output: Json
  readonly correlation_id: string
  readonly actor_type: Actor['type'] | null
  readonly actor_id: string | null
  readonly tenant: string
  readonly next_seq: number
  readonly last_event_at: string | null
  readonly rollback_triggered_at: string | null
  readonly is_cancelled: boolean
  readonly adjustments: readonly AdaptiveAdjustment[]
  readonly last_ended_seq: number | null
  readonly created_at: string
}

interface Wanted {
  readonly now: string
  readonly execution_id: string
}

/** A row of `workflow_steps` as `stepColumns` selects it. */
export interface StepRow {
  readonly workflow_step_uuid: string
  readonly step_index: number
  readonly name: string
  readonly operation_type: OperationType
  readonly undoes_step_uuid: string | null
  readonly status: StepState
  readonly attempt: number
  readonly attempt_token: string | null
  readonly max_retries: number
  readonly timeout_ms: number
  readonly worker_uuid: string | null
  readonly not_before: string | null
  readonly enqueued_at: string | null
  readonly started_at: string | null
  readonly attempt_started_at: string | null
  readonly completed_at: string | null
  readonly ended_seq: number | null
  readonly outcome_unknown: boolean
  readonly last_error: string | null
  readonly last_event_id: string | null
  readonly last_sort_key: number
  readonly output: Json
}

/** What is selected of an execution, for `assemble`. */
export const executionColumns = `execution.execution_id, execution.xmin::text as version, execution.definition_hash,
       execution.status, execution.input, execution.output, execution.correlation_id, execution.actor_type,
       execution.actor_id, execution.tenant, execution.next_seq, execution.last_event_at,
       execution.rollback_triggered_at, execution.is_cancelled, execution.adjustments, execution.last_ended_seq,
       execution.created_at`

/** What is selected of a step, for `assemble`. */
export const stepColumns = `step.workflow_step_uuid, step.step_index, step.name, step.operation_type,
       step.undoes_step_uuid, step.status, step.attempt, step.attempt_token, step.max_retries, step.timeout_ms,
       step.worker_uuid, step.not_before, step.enqueued_at, step.started_at, step.attempt_started_at,
       step.completed_at, step.ended_seq, step.outcome_unknown, step.last_error, step.last_event_id,
       step.last_sort_key, step.output`

const lockText = `
select ${executionColumns}
from workflow_executions as execution
where execution.execution_id = any($1::uuid[])
order by execution.execution_id
for no key update`

const lockWaiting: PreparedStatement = { name: 'lock executions', text: lockText }
const lockSkipping: PreparedStatement = {
  name: 'lock executions that are free',
  text: `${lockText} skip locked`,
}

const selectSteps: PreparedStatement = {
  name: 'read steps',
  text: `
select date_trunc('milliseconds', coalesce($2::timestamptz, clock_timestamp())) as now,
       wanted.execution_id, ${stepColumns}
from (select unnest($1::uuid[]) as execution_id union all select null) as wanted
left join workflow_steps as step using (execution_id)
order by wanted.execution_id, step.step_index`,
}
