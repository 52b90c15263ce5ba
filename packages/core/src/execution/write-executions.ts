import { TrailError } from '@steptrail/event'
import { isEnded, type StepSnapshot } from '@steptrail/workflow'
import type { Query } from '../database/database.ts'
import {
  CommittedPartitions,
  ensurePartitions,
  type PartitionMonth,
  partitionsOf,
} from '../partition/ensure-partitions.ts'
import { insertEvents } from '../trail/write-events.ts'
import type { AdvancedExecution, AdvancedStep, AdvanceEnvironment } from './advance-execution.ts'
import { isoOf, optionalIsoOf } from './instant.ts'

/**
 * Writes executions that have been advanced, set-wise and in the caller's transaction: executions, steps,
 * transitions (the database's trigger adds the result audit) and events.
 *
 * @returns the partitions that the database was asked for: known to be there once the transaction has committed
 * @throws TrailError `transition_conflict` when a step has moved since it was read (a worker has claimed it
 *   meanwhile): roll back, read again and decide anew
 */
export async function writeExecutions(
  tx: Query,
  advanced: readonly AdvancedExecution[],
  { now, partitions }: Pick<AdvanceEnvironment, 'now' | 'partitions'>,
): Promise<readonly PartitionMonth[]> {
  if (advanced.length === 0) return []
  const events = advanced.flatMap((execution) => execution.events)
  const wanted = [
    ...partitionsOf('workflow_step_transitions', [now]),
    ...partitionsOf(
      'audit_event',
      events.map((event) => event.timestamp),
    ),
  ]
  const asked = await ensurePartitions(tx, wanted, partitions)
  const steps = advanced.flatMap((execution) => execution.steps.map((step) => ({ execution, step })))
  const changed = steps.filter(({ step }) => step.before !== null)
  const created = steps.filter(({ step }) => step.before === null)
  const { rows } = await tx<{ moved: number }>(writeState, [
    JSON.stringify(advanced.map((execution) => executionRow(execution, now))),
    JSON.stringify(changed.map(({ execution, step }) => stepRow(execution, step))),
    JSON.stringify(created.map(({ execution, step }) => stepRow(execution, step))),
    JSON.stringify(created.flatMap(({ execution, step }) => edgeRows(execution, step.after))),
    JSON.stringify(advanced.flatMap((execution) => transitionRows(execution, now))),
  ])
  const moved = rows[0]?.moved ?? 0
  if (moved !== changed.length) {
    throw new TrailError(
      'transition_conflict',
      `${changed.length - moved} of ${changed.length} steps have moved since they were read. Read them again and decide anew.`,
      { details: { expected: changed.length, moved } },
    )
  }
  const committed = new CommittedPartitions()
  committed.add(wanted)
  await insertEvents(tx, events, { committed })
  return asked
}

function executionRow({ after, loaded }: AdvancedExecution, now: number): object {
  const before = loaded.snapshot.status
  return {
    execution_id: after.executionId,
    status: after.status,
    output: after.output,
    next_seq: after.nextSeq,
    last_event_at: optionalIsoOf(after.lastEventAt),
    rollback_triggered_at: optionalIsoOf(after.rollbackTriggeredAt),
    is_cancelled: after.isCancelled,
    moved_at: isoOf(now),
    has_started: before === null && after.status !== 'pending',
    had_ended: before !== null && isEnded(before),
    has_ended: after.status !== null && isEnded(after.status),
  }
}

function stepRow({ loaded, after: execution }: AdvancedExecution, step: AdvancedStep): object {
  const { after, before, record } = step
  const definition = execution.definition.steps.find((candidate) => candidate.name === after.name)
  return {
    workflow_step_uuid: after.stepId,
    execution_id: execution.executionId,
    expected_sort_key: before?.lastSortKey ?? 0,
    step_index: after.index,
    name: after.name,
    action: definition?.action,
    service_name: definition?.service,
    operation_type: after.operation,
    undoes_step_uuid: after.undoes,
    status: after.status,
    attempt: after.attempt,
    attempt_token: after.attemptToken,
    max_retries: after.maxRetries,
    timeout_ms: after.timeoutMs,
    worker_uuid: after.workerUuid,
    not_before: optionalIsoOf(after.notBefore),
    enqueued_at: optionalIsoOf(after.enqueuedAt),
    started_at: optionalIsoOf(after.startedAt),
    completed_at: optionalIsoOf(after.completedAt),
    ended_seq: after.endedSeq,
    outcome_unknown: after.outcomeUnknown,
    last_error: after.lastError,
    last_event_id: record.lastEventId,
    last_sort_key: record.lastSortKey,
    output: after.output,
    workflow_name: execution.definition.name,
    workflow_version: execution.definition.version,
    tenant: loaded.tenant,
  }
}

function edgeRows({ after: execution }: AdvancedExecution, step: StepSnapshot): readonly object[] {
  if (step.operation === 'UNDO') return []
  const after = execution.definition.steps.find((candidate) => candidate.name === step.name)?.after ?? []
  return execution.steps
    .filter((other) => other.operation === 'DO' && after.includes(other.name))
    .map((other) => ({
      execution_id: execution.executionId,
      from_step_uuid: other.stepId,
      to_step_uuid: step.stepId,
    }))
}

function transitionRows({ loaded, transitions }: AdvancedExecution, now: number): readonly object[] {
  return transitions.map((transition) => ({
    workflow_step_uuid: transition.stepId,
    execution_id: loaded.snapshot.executionId,
    from_state: transition.from,
    to_state: transition.to,
    metadata: transition.metadata,
    sort_key: transition.sortKey,
    tenant: loaded.tenant,
    created_at: isoOf(now),
  }))
}

const stepColumns = `workflow_step_uuid uuid, execution_id uuid, expected_sort_key bigint, step_index int,
    name text, action text, service_name text, operation_type text, undoes_step_uuid uuid, status text, attempt int,
    attempt_token uuid, max_retries int, timeout_ms bigint, worker_uuid uuid, not_before timestamptz,
    enqueued_at timestamptz, started_at timestamptz, completed_at timestamptz, ended_seq bigint,
    outcome_unknown boolean, last_error text, last_event_id uuid, last_sort_key bigint, output jsonb,
    workflow_name text, workflow_version text, tenant text`

const writeState = `
with moved_executions as (
  update workflow_executions as execution
  set status = change.status,
      output = change.output,
      next_seq = change.next_seq,
      last_event_at = change.last_event_at,
      rollback_triggered_at = change.rollback_triggered_at,
      is_cancelled = change.is_cancelled,
      started_at = case when change.has_started then change.moved_at else execution.started_at end,
      completed_at = case
        when not change.has_ended then null
        when change.had_ended then execution.completed_at
        else change.moved_at
      end
  from json_to_recordset($1::text::json) as change(
    execution_id uuid, status text, output jsonb, next_seq bigint, last_event_at timestamptz,
    rollback_triggered_at timestamptz, is_cancelled boolean, moved_at timestamptz, has_started boolean, had_ended boolean,
    has_ended boolean)
  where execution.execution_id = change.execution_id
  returning 1
), moved_steps as (
  update workflow_steps as step
  set status = change.status,
      attempt = change.attempt,
      attempt_token = change.attempt_token,
      max_retries = change.max_retries,
      timeout_ms = change.timeout_ms,
      timeout_at = case
        when change.status = 'in_progress'
          then step.attempt_started_at + change.timeout_ms * interval '1 millisecond'
        else step.timeout_at
      end,
      worker_uuid = change.worker_uuid,
      not_before = change.not_before,
      enqueued_at = change.enqueued_at,
      started_at = change.started_at,
      completed_at = change.completed_at,
      ended_seq = change.ended_seq,
      outcome_unknown = change.outcome_unknown,
      last_error = change.last_error,
      last_event_id = change.last_event_id,
      last_sort_key = change.last_sort_key,
      output = change.output
  from json_to_recordset($2::text::json) as change(${stepColumns})
  where step.workflow_step_uuid = change.workflow_step_uuid
    and step.last_sort_key = change.expected_sort_key
  returning 1
), created_steps as (
  insert into workflow_steps (
    workflow_step_uuid, execution_id, step_index, name, action, service_name, operation_type, undoes_step_uuid,
    status, attempt, max_retries, timeout_ms, enqueued_at, started_at, completed_at, ended_seq, last_event_id,
    last_sort_key, workflow_name, workflow_version, tenant)
  select workflow_step_uuid, execution_id, step_index, name, action, service_name, operation_type,
         undoes_step_uuid, status, attempt, max_retries, timeout_ms, enqueued_at, started_at, completed_at,
         ended_seq, last_event_id, last_sort_key, workflow_name, workflow_version, tenant
  from json_to_recordset($3::text::json) as created(${stepColumns})
  returning 1
), created_edges as (
  insert into workflow_step_edges (execution_id, from_step_uuid, to_step_uuid)
  select execution_id, from_step_uuid, to_step_uuid
  from json_to_recordset($4::text::json) as edge(execution_id uuid, from_step_uuid uuid, to_step_uuid uuid)
  returning 1
), recorded_transitions as (
  insert into workflow_step_transitions (
    workflow_step_uuid, execution_id, from_state, to_state, metadata, sort_key, tenant, created_at)
  select workflow_step_uuid, execution_id, from_state, to_state, metadata, sort_key, tenant, created_at
  from json_to_recordset($5::text::json) as transition(
    workflow_step_uuid uuid, execution_id uuid, from_state text, to_state text, metadata jsonb, sort_key bigint,
    tenant text, created_at timestamptz)
  returning 1
)
select (select count(*) from moved_steps) as moved`
