import type { PreparedStatement, Query } from '../database/database.ts'
import { ensurePartitions, type PartitionMonth, partitionsOf } from '../partition/ensure-partitions.ts'
import { eventRows, insertEventsOf } from '../trail/write-events.ts'
import type { AdvancedExecution, AdvanceEnvironment } from './advance-execution.ts'
import { edgeRows, executionRow, newExecutionRow, stepRow, transitionRows } from './execution-rows.ts'
import { isoOf, millisecondsOf } from './instant.ts'

/** What the writer gets from outside. */
export type WriteEnvironment = Pick<AdvanceEnvironment, 'now' | 'partitions'> & {
  /** Workers that steps are claimed for in the same statement: it fails unless their leases hold. */
  readonly claiming?: readonly string[]
  /** Fail if `now` is further than a second from the database's clock: it was not read in this transaction. */
  readonly checksNow?: boolean
}

/** What was written. */
export interface WrittenExecutions {
  /** The partitions that the database was asked for: known to be there once the transaction has committed. */
  readonly asked: readonly PartitionMonth[]
  /** The database's clock, in milliseconds since 1970; null when nothing was to be written. */
  readonly now: number | null
  /** The version that the executions have now. */
  readonly version: string | null
}

/**
 * Writes executions that have been advanced, all of it in one statement: executions, steps, transitions (the
 * database's trigger adds the result audit) and events. It locks the executions without waiting, those that are
 * not locked already, and compares everything with what was read: so it may stand alone, as a transaction of its
 * own, and nothing that was decided meanwhile is overwritten.
 *
 * @throws TrailError `transition_conflict` when an execution or step has moved since it was read, is locked by
 *   another transaction, exists already, or a lease has run out: nothing is written. Read again and decide anew
 */
export async function writeExecutions(
  tx: Query,
  advanced: readonly AdvancedExecution[],
  { now, partitions, claiming = [], checksNow = false }: WriteEnvironment,
): Promise<WrittenExecutions> {
  if (advanced.length === 0) return { asked: [], now: null, version: null }
  const asked = await ensurePartitions(tx, wantedPartitions(advanced, now), partitions)
  const stored = advanced.filter(({ loaded }) => loaded.version !== null)
  const fresh = advanced.filter(({ loaded }) => loaded.version === null)
  const steps = advanced.flatMap((execution) => execution.steps.map((step) => ({ execution, step })))
  const changed = steps.filter(({ step }) => step.before !== null)
  const created = steps.filter(({ step }) => step.before === null)
  const { rows } = await tx<{ now: string; version: string }>(writeState, [
    JSON.stringify(stored.map((execution) => executionRow(execution, now))),
    JSON.stringify(fresh.map((execution) => newExecutionRow(execution, now))),
    JSON.stringify(changed.map(({ execution, step }) => stepRow(execution, step))),
    JSON.stringify(created.map(({ execution, step }) => stepRow(execution, step))),
    JSON.stringify(created.flatMap(({ execution, step }) => edgeRows(execution, step.after))),
    JSON.stringify(advanced.flatMap((execution) => transitionRows(execution, now))),
    JSON.stringify(eventRows(advanced.flatMap(({ events }) => events))),
    claiming,
    isoOf(now),
    checksNow,
    advanced.length + changed.length + claiming.length + 1,
  ])
  const [written] = rows
  return { asked, now: written ? millisecondsOf(written.now) : null, version: written?.version ?? null }
}

/** The partitions that advanced executions are written to. */
export function wantedPartitions(
  advanced: readonly AdvancedExecution[],
  now: number,
): readonly PartitionMonth[] {
  const events = advanced.flatMap((execution) => execution.events)
  return [
    ...partitionsOf('workflow_step_transitions', [now]),
    ...partitionsOf(
      'audit_event',
      events.map((event) => event.timestamp),
    ),
  ]
}

const changeColumns = `execution_id uuid, version text, status text, output jsonb, next_seq bigint,
    last_event_at timestamptz, rollback_triggered_at timestamptz, is_cancelled boolean, moved_at timestamptz,
    has_started boolean, had_ended boolean, has_ended boolean`

const stepChangeColumns = `workflow_step_uuid uuid, execution_id uuid, expected_sort_key bigint, status text,
    attempt int, attempt_token uuid, max_retries int, timeout_ms bigint, worker_uuid uuid, not_before timestamptz,
    enqueued_at timestamptz, started_at timestamptz, attempt_started_at timestamptz, completed_at timestamptz,
    ended_seq bigint, outcome_unknown boolean, last_error text, last_event_id uuid, last_sort_key bigint,
    output jsonb`

const writeState: PreparedStatement = {
  name: 'write executions',
  text: `
with change as materialized (
  select *
  from json_to_recordset($1::text::json) as change(${changeColumns})
), locked as materialized (
  select execution.execution_id
  from change
  join workflow_executions as execution on execution.execution_id = change.execution_id
  where execution.xmin::text = change.version
  order by execution.execution_id
  for no key update of execution skip locked
), moved_executions as (
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
  from change
  join locked on locked.execution_id = change.execution_id
  where execution.execution_id = change.execution_id
  returning 1
), created_executions as (
  insert into workflow_executions (
    execution_id, workflow_name, workflow_version, definition_hash, idempotency_key, status, input, output,
    correlation_id, actor_type, actor_id, tenant, next_seq, last_event_at, rollback_triggered_at, is_cancelled,
    created_at, started_at, completed_at)
  select execution_id, workflow_name, workflow_version, definition_hash, idempotency_key, status, input, output,
         correlation_id, actor_type, actor_id, tenant, next_seq, last_event_at, rollback_triggered_at, is_cancelled,
         created_at, case when has_started then moved_at end, case when has_ended then moved_at end
  from json_to_recordset($2::text::json) as created(${changeColumns},
    workflow_name text, workflow_version text, definition_hash text, idempotency_key text, input jsonb,
    correlation_id text, actor_type text, actor_id text, tenant text, created_at timestamptz)
  on conflict (tenant, workflow_name, idempotency_key) do nothing
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
          then change.attempt_started_at + change.timeout_ms * interval '1 millisecond'
        else step.timeout_at
      end,
      worker_uuid = change.worker_uuid,
      not_before = change.not_before,
      enqueued_at = change.enqueued_at,
      started_at = change.started_at,
      attempt_started_at = change.attempt_started_at,
      completed_at = change.completed_at,
      ended_seq = change.ended_seq,
      outcome_unknown = change.outcome_unknown,
      last_error = change.last_error,
      last_event_id = change.last_event_id,
      last_sort_key = change.last_sort_key,
      output = change.output
  from json_to_recordset($3::text::json) as change(${stepChangeColumns})
  join locked on locked.execution_id = change.execution_id
  where step.workflow_step_uuid = change.workflow_step_uuid
    and step.last_sort_key = change.expected_sort_key
  returning 1
), created_steps as (
  insert into workflow_steps (
    workflow_step_uuid, execution_id, step_index, name, action, service_name, operation_type, undoes_step_uuid,
    status, attempt, attempt_token, max_retries, timeout_ms, timeout_at, worker_uuid, enqueued_at, started_at,
    attempt_started_at, completed_at, ended_seq, last_event_id, last_sort_key, workflow_name, workflow_version, tenant)
  select workflow_step_uuid, execution_id, step_index, name, action, service_name, operation_type,
         undoes_step_uuid, status, attempt, attempt_token, max_retries, timeout_ms,
         case
           when status = 'in_progress' then attempt_started_at + timeout_ms * interval '1 millisecond'
         end,
         worker_uuid, enqueued_at, started_at, attempt_started_at, completed_at, ended_seq, last_event_id,
         last_sort_key, workflow_name, workflow_version, tenant
  from json_to_recordset($4::text::json) as created(${stepChangeColumns},
    step_index int, name text, action text, service_name text, operation_type text, undoes_step_uuid uuid,
    workflow_name text, workflow_version text, tenant text)
  returning 1
), created_edges as (
  insert into workflow_step_edges (execution_id, from_step_uuid, to_step_uuid)
  select execution_id, from_step_uuid, to_step_uuid
  from json_to_recordset($5::text::json) as edge(execution_id uuid, from_step_uuid uuid, to_step_uuid uuid)
  returning 1
), recorded_transitions as (
  insert into workflow_step_transitions (
    workflow_step_uuid, execution_id, from_state, to_state, metadata, sort_key, tenant, created_at)
  select workflow_step_uuid, execution_id, from_state, to_state, metadata, sort_key, tenant, created_at
  from json_to_recordset($6::text::json) as transition(
    workflow_step_uuid uuid, execution_id uuid, from_state text, to_state text, metadata jsonb, sort_key bigint,
    tenant text, created_at timestamptz)
  returning 1
), recorded_events as (
  ${insertEventsOf('$7')}
), leases as (
  select 1
  from workflow_workers as worker
  where worker.worker_uuid = any($8::uuid[])
    and worker.lease_until > $9::timestamptz
), clock as (
  select date_trunc('milliseconds', clock_timestamp()) as now
)
select require_unmoved(
         $11::bigint,
         (select count(*) from moved_executions) + (select count(*) from created_executions)
           + (select count(*) from moved_steps) + (select count(*) from leases)
           + (not $10::boolean or abs(extract(epoch from clock.now - $9::timestamptz)) <= 1)::int),
       clock.now,
       pg_current_xact_id()::xid::text as version
from clock`,
}
