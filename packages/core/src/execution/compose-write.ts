import type { PreparedStatement } from '../database/database.ts'
import { insertEventsOf } from '../trail/write-events.ts'
import { insertAuditsOf } from '../execution-audit/audit-rows.ts'
import type { Row } from './execution-rows.ts'
import { isoOf } from './instant.ts'

/** What is to be written, row by row, and what it must meet. */
export interface Write {
  /** Milliseconds since 1970. */
  readonly now: number
  readonly checksNow: boolean
  readonly claiming: readonly string[]
  /** Executions that are stored. */
  readonly changed: readonly Row[]
  /** Executions that are not. */
  readonly created: readonly Row[]
  readonly changedSteps: readonly Row[]
  readonly createdSteps: readonly Row[]
  readonly edges: readonly Row[]
  readonly transitions: readonly Row[]
  readonly events: readonly object[]
  readonly audits: readonly Row[]
}

/**
 * One statement for all of it. What there is none of is left out of the text, since every part of a statement takes
 * time to begin, so the name says which parts it has.
 */
export function composeWrite(write: Write): {
  readonly statement: PreparedStatement
  readonly values: readonly unknown[]
} {
  const given = parts.filter(({ isIn }) => isIn(write))
  const values: unknown[] = []
  const bind = (value: unknown): `$${number}` => `$${values.push(value)}`
  const now = () => `${bind(isoOf(write.now))}::timestamptz`
  const ctes = given.flatMap(({ ctes: make }) => make(write, { bind, now }))
  const counts = given.flatMap(({ counts: names }) => names).map((name) => `(select count(*) from ${name})`)
  const expected = given.reduce((total, { expects }) => total + expects(write), 0)
  const text = `
with ${ctes.map(([name, body]) => `${name} as materialized (${body}\n)`).join(', ')}
select require_unmoved(${bind(expected)}::bigint, ${counts.join(' + ')}),
       date_trunc('milliseconds', clock_timestamp()) as now,
       pg_current_xact_id()::xid::text as version`
  return { statement: { name: `write ${given.map(({ key }) => key).join('')}`, text }, values }
}

/** How parts come by their values. */
interface Binding {
  readonly bind: (value: unknown) => `$${number}`
  /** An expression for the time of the write. */
  readonly now: () => string
}

/** A part of the statement. */
interface Part {
  /** Stands for it in the statement's name. */
  readonly key: string
  readonly isIn: (write: Write) => boolean
  readonly ctes: (write: Write, binding: Binding) => readonly (readonly [name: string, body: string])[]
  /** Those of the CTEs whose rows are counted, and how many there have to be in all. */
  readonly counts: readonly string[]
  readonly expects: (write: Write) => number
}

const json = (rows: readonly object[], { bind }: Binding): string =>
  `${bind(JSON.stringify(rows))}::text::json`
const none = (): number => 0

const parts: readonly Part[] = [
  {
    key: 'e',
    isIn: ({ changed }) => changed.length > 0,
    ctes: ({ changed }, binding) => [
      ['change', changes(json(changed, binding))],
      ['locked', locked],
      ['moved_executions', movedExecutions],
    ],
    counts: ['moved_executions'],
    expects: ({ changed }) => changed.length,
  },
  {
    key: 'E',
    isIn: ({ created }) => created.length > 0,
    ctes: ({ created }, binding) => [['created_executions', createdExecutions(json(created, binding))]],
    counts: ['created_executions'],
    expects: ({ created }) => created.length,
  },
  {
    key: 's',
    isIn: ({ changedSteps }) => changedSteps.length > 0,
    ctes: ({ changedSteps }, binding) => [['moved_steps', movedSteps(json(changedSteps, binding))]],
    counts: ['moved_steps'],
    expects: ({ changedSteps }) => changedSteps.length,
  },
  {
    key: 'S',
    isIn: ({ createdSteps }) => createdSteps.length > 0,
    ctes: ({ createdSteps }, binding) => [['created_steps', newSteps(json(createdSteps, binding))]],
    counts: [],
    expects: none,
  },
  {
    key: 'G',
    isIn: ({ edges }) => edges.length > 0,
    ctes: ({ edges }, binding) => [['created_edges', newEdges(json(edges, binding))]],
    counts: [],
    expects: none,
  },
  {
    key: 't',
    isIn: ({ transitions }) => transitions.length > 0,
    ctes: ({ transitions }, binding) => [
      ['recorded_transitions', newTransitions(json(transitions, binding))],
    ],
    counts: [],
    expects: none,
  },
  {
    key: 'v',
    isIn: ({ events }) => events.length > 0,
    ctes: ({ events }, { bind }) => [['recorded_events', insertEventsOf(bind(JSON.stringify(events)))]],
    counts: [],
    expects: none,
  },
  {
    key: 'a',
    isIn: ({ audits }) => audits.length > 0,
    ctes: ({ audits }, { bind }) => [['recorded_audits', insertAuditsOf(bind(JSON.stringify(audits)))]],
    counts: [],
    expects: none,
  },
  {
    key: 'l',
    isIn: ({ claiming }) => claiming.length > 0,
    ctes: ({ claiming }, { bind, now }) => [['leases', leases(bind(claiming), now())]],
    counts: ['leases'],
    expects: ({ claiming }) => claiming.length,
  },
  {
    key: 'c',
    isIn: ({ checksNow }) => checksNow,
    ctes: (_, { now }) => [['clock', near(now())]],
    counts: ['clock'],
    expects: () => 1,
  },
]

const changeColumns = `execution_id uuid, version text, status text, output jsonb, next_seq bigint,
    last_event_at timestamptz, rollback_triggered_at timestamptz, is_cancelled boolean, moved_at timestamptz,
    began_at timestamptz, has_started boolean, had_ended boolean, has_ended boolean, adjustments jsonb, last_ended_seq bigint`

const stepChangeColumns = `workflow_step_uuid uuid, execution_id uuid, expected_sort_key bigint, status text,
    attempt int, attempt_token uuid, max_retries int, timeout_ms bigint, worker_uuid uuid, not_before timestamptz,
    enqueued_at timestamptz, started_at timestamptz, attempt_started_at timestamptz, completed_at timestamptz,
    ended_seq bigint, outcome_unknown boolean, last_error text, last_event_id uuid, last_sort_key bigint,
    output jsonb`

const changes = (rows: string): string => `
  select *
  from json_to_recordset(${rows}) as change(${changeColumns})`

const locked = `
  select execution.execution_id
  from change
  join workflow_executions as execution on execution.execution_id = change.execution_id
  where execution.xmin::text = change.version
  order by execution.execution_id
  for no key update of execution skip locked`

const movedExecutions = `
  update workflow_executions as execution
  set status = change.status,
      output = change.output,
      next_seq = change.next_seq,
      last_event_at = change.last_event_at,
      rollback_triggered_at = change.rollback_triggered_at,
      is_cancelled = change.is_cancelled,
      adjustments = change.adjustments,
      last_ended_seq = change.last_ended_seq,
      started_at = case
        when change.has_started then coalesce(change.began_at, change.moved_at)
        else execution.started_at
      end,
      completed_at = case
        when not change.has_ended then null
        when change.had_ended then execution.completed_at
        else change.moved_at
      end
  from change
  join locked on locked.execution_id = change.execution_id
  where execution.execution_id = change.execution_id
  returning 1`

const createdExecutions = (rows: string): string => `
  insert into workflow_executions (
    execution_id, workflow_name, workflow_version, definition_hash, idempotency_key, status, input, output,
    correlation_id, actor_type, actor_id, tenant, next_seq, last_event_at, rollback_triggered_at, is_cancelled,
    adjustments, last_ended_seq, created_at, started_at, completed_at, engine, engine_execution_id,
    engine_capabilities)
  select execution_id, workflow_name, workflow_version, definition_hash, idempotency_key, status, input, output,
         correlation_id, actor_type, actor_id, tenant, next_seq, last_event_at, rollback_triggered_at, is_cancelled,
         adjustments, last_ended_seq, created_at,
         case when has_started then coalesce(began_at, moved_at) end, case when has_ended then moved_at end,
         coalesce(engine, 'steptrail'), engine_execution_id, engine_capabilities
  from json_to_recordset(${rows}) as created(${changeColumns},
    workflow_name text, workflow_version text, definition_hash text, idempotency_key text, input jsonb,
    correlation_id text, actor_type text, actor_id text, tenant text, created_at timestamptz,
    engine text, engine_execution_id text, engine_capabilities jsonb)
  on conflict (tenant, workflow_name, idempotency_key) do nothing
  returning 1`

const movedSteps = (rows: string): string => `
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
  from json_to_recordset(${rows}) as change(${stepChangeColumns})
  join locked on locked.execution_id = change.execution_id
  where step.workflow_step_uuid = change.workflow_step_uuid
    and step.last_sort_key = change.expected_sort_key
  returning 1`

const newSteps = (rows: string): string => `
  insert into workflow_steps (
    workflow_step_uuid, execution_id, step_index, name, action, service_name, operation_type, undoes_step_uuid,
    status, attempt, attempt_token, max_retries, timeout_ms, timeout_at, worker_uuid, enqueued_at, started_at,
    attempt_started_at, completed_at, ended_seq, last_event_id, last_sort_key, workflow_name, workflow_version, tenant,
    not_before, outcome_unknown, last_error, output)
  select workflow_step_uuid, execution_id, step_index, name, action, service_name, operation_type,
         undoes_step_uuid, status, attempt, attempt_token, max_retries, timeout_ms,
         case
           when status = 'in_progress' then attempt_started_at + timeout_ms * interval '1 millisecond'
         end,
         worker_uuid, enqueued_at, started_at, attempt_started_at, completed_at, ended_seq, last_event_id,
         last_sort_key, workflow_name, workflow_version, tenant, not_before, outcome_unknown, last_error, output
  from json_to_recordset(${rows}) as created(${stepChangeColumns},
    step_index int, name text, action text, service_name text, operation_type text, undoes_step_uuid uuid,
    workflow_name text, workflow_version text, tenant text)
  returning 1`

const newEdges = (rows: string): string => `
  insert into workflow_step_edges (execution_id, from_step_uuid, to_step_uuid)
  select execution_id, from_step_uuid, to_step_uuid
  from json_to_recordset(${rows}) as edge(execution_id uuid, from_step_uuid uuid, to_step_uuid uuid)
  returning 1`

const newTransitions = (rows: string): string => `
  insert into workflow_step_transitions (
    workflow_step_uuid, execution_id, from_state, to_state, metadata, sort_key, tenant, created_at)
  select workflow_step_uuid, execution_id, from_state, to_state, metadata, sort_key, tenant, created_at
  from json_to_recordset(${rows}) as transition(
    workflow_step_uuid uuid, execution_id uuid, from_state text, to_state text, metadata jsonb, sort_key bigint,
    tenant text, created_at timestamptz)
  returning 1`

const leases = (workers: string, now: string): string => `
  select 1
  from workflow_workers as worker
  where worker.worker_uuid = any(${workers}::uuid[])
    and worker.lease_until > ${now}`

const near = (now: string): string => `
  select 1
  where abs(extract(epoch from clock_timestamp() - ${now})) <= 1`
