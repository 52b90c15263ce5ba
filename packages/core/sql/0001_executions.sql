-- Executions, their steps, and the workers that perform them: the working tables, which hold the present.
-- What happened is in the append-only tables of the next migrations.
--
-- A migration runs with the search path set to its schema, so no name is qualified; functions that need a
-- search path keep that one (`set search_path from current`). It runs unchanged on PGlite and PostgreSQL 15.

create function uuid_v7(at timestamptz default clock_timestamp())
returns uuid
language sql
volatile
parallel safe
return encode(
  set_bit(
    set_bit(
      overlay(
        uuid_send(gen_random_uuid())
        placing substring(int8send((extract(epoch from at::timestamptz(3)) * 1000)::bigint) from 3)
        from 1 for 6
      ),
      52, 1
    ),
    53, 1
  ),
  'hex'
)::uuid;

comment on function uuid_v7(timestamptz) is
  'A UUIDv7: 48 bits of the time in milliseconds, rounded as timestamptz(3) rounds, then random ones.';

create table workflow_definitions (
  definition_hash text not null,
  workflow_name text not null,
  workflow_version text not null,
  definition jsonb not null,
  registered_at timestamptz not null default clock_timestamp(),
  constraint a_definition_is_known_by_its_hash primary key (definition_hash),
  constraint a_version_of_a_workflow_has_one_definition unique (workflow_name, workflow_version),
  constraint definition_is_an_object check (jsonb_typeof(definition) = 'object'),
  constraint names_are_not_empty check (definition_hash <> '' and workflow_name <> '' and workflow_version <> '')
);

comment on table workflow_definitions is 'What executions are pinned to. A registered definition never changes.';
comment on column workflow_definitions.definition_hash is 'Hash of the canonical JSON of the definition.';
comment on column workflow_definitions.workflow_name is 'Name of the workflow.';
comment on column workflow_definitions.workflow_version is 'Version of the workflow.';
comment on column workflow_definitions.definition is 'Steps, their order, retry and undo rules.';
comment on column workflow_definitions.registered_at is 'When the database took it.';

create table workflow_executions (
  execution_id uuid not null,
  workflow_name text not null,
  workflow_version text not null,
  definition_hash text not null,
  engine text not null default 'steptrail',
  engine_execution_id text,
  idempotency_key text,
  status text not null,
  input jsonb,
  output jsonb,
  correlation_id text not null,
  actor_type text,
  actor_id text,
  tenant text not null default 'default',
  next_seq bigint not null default 1,
  last_event_at timestamptz(3),
  rollback_triggered_at timestamptz(3),
  is_cancelled boolean not null default false,
  created_at timestamptz(3) not null default clock_timestamp(),
  started_at timestamptz(3),
  completed_at timestamptz(3),
  constraint an_execution_is_known_by_its_id primary key (execution_id),
  constraint an_execution_has_a_registered_definition
    foreign key (definition_hash) references workflow_definitions (definition_hash),
  constraint an_idempotency_key_starts_one_execution unique (tenant, workflow_name, idempotency_key),
  constraint status_is_a_state_of_executions check (
    status in (
      'pending', 'running', 'paused', 'blocked', 'rolling_back',
      'completed', 'failed', 'rollback_failed', 'cancelled'
    )
  ),
  constraint actor_type_is_user_service_worker_agent_or_system check (
    actor_type in ('user', 'service', 'worker', 'agent', 'system')
  ),
  constraint an_actor_has_type_and_id check ((actor_type is null) = (actor_id is null)),
  constraint sequence_numbers_start_at_1 check (next_seq >= 1),
  constraint texts_are_not_empty check (
    workflow_name <> '' and workflow_version <> '' and engine <> '' and correlation_id <> '' and tenant <> ''
  )
);

create index workflow_executions_by_start on workflow_executions (created_at, execution_id);
create index workflow_executions_by_correlation on workflow_executions (correlation_id);

comment on table workflow_executions is 'One row for each run of a workflow: how it stands now.';
comment on column workflow_executions.execution_id is 'The execution; `execution_id` of its events, as text there.';
comment on column workflow_executions.workflow_name is 'Name of the workflow.';
comment on column workflow_executions.workflow_version is 'Version of the workflow.';
comment on column workflow_executions.definition_hash is 'The definition it is pinned to.';
comment on column workflow_executions.engine is 'Who runs it: steptrail, or the engine an adapter projects from.';
comment on column workflow_executions.engine_execution_id is 'Its id in that engine, where it is another.';
comment on column workflow_executions.idempotency_key is 'Given at the start: a second start with it finds this execution.';
comment on column workflow_executions.status is 'Its state now.';
comment on column workflow_executions.input is 'What it was started with.';
comment on column workflow_executions.output is 'What came of it.';
comment on column workflow_executions.correlation_id is 'Ties it to its cause; its own id when none was given.';
comment on column workflow_executions.actor_type is 'What kind of actor started it: user, service, worker, agent or system.';
comment on column workflow_executions.actor_id is 'Who started it.';
comment on column workflow_executions.tenant is 'Whose it is.';
comment on column workflow_executions.next_seq is 'The sequence number that its next event gets.';
comment on column workflow_executions.rollback_triggered_at is 'When its rollback was triggered.';
comment on column workflow_executions.is_cancelled is 'It was cancelled: its rollback ends in cancelled, not in failed.';
comment on column workflow_executions.last_event_at is 'Timestamp of its last event: the next one is later.';
comment on column workflow_executions.created_at is 'When it was created.';
comment on column workflow_executions.started_at is 'When its first steps became due.';
comment on column workflow_executions.completed_at is 'When it ended; null again when an operator takes it up.';

create table workflow_steps (
  workflow_step_uuid uuid not null,
  execution_id uuid not null,
  task_uuid uuid not null generated always as (execution_id) stored,
  step_index int not null,
  name text not null,
  action text not null,
  service_name text not null,
  operation_type text not null,
  undoes_step_uuid uuid,
  status text not null,
  attempt int not null default 0,
  attempt_token uuid,
  max_retries int not null,
  timeout_ms bigint not null,
  timeout_at timestamptz(3),
  worker_uuid uuid,
  not_before timestamptz(3),
  enqueued_at timestamptz(3),
  started_at timestamptz(3),
  attempt_started_at timestamptz(3),
  completed_at timestamptz(3),
  ended_seq bigint,
  outcome_unknown boolean not null default false,
  last_error text,
  last_event_id uuid,
  last_sort_key bigint not null default 0,
  input jsonb,
  output jsonb,
  workflow_name text not null,
  workflow_version text not null,
  tenant text not null default 'default',
  constraint a_step_is_known_by_its_uuid primary key (workflow_step_uuid),
  constraint a_step_belongs_to_an_execution
    foreign key (execution_id) references workflow_executions (execution_id),
  constraint an_undo_undoes_a_step
    foreign key (undoes_step_uuid) references workflow_steps (workflow_step_uuid),
  constraint a_step_has_one_do_and_one_undo unique (execution_id, name, operation_type),
  constraint operation_type_is_do_or_undo check (operation_type in ('DO', 'UNDO')),
  constraint only_an_undo_undoes check ((operation_type = 'UNDO') = (undoes_step_uuid is not null)),
  constraint status_is_a_state_of_steps check (
    status in (
      'pending', 'enqueued', 'in_progress', 'enqueued_for_orchestration', 'enqueued_as_error_for_orchestration',
      'waiting_for_retry', 'complete', 'error', 'skipped', 'cancelled', 'resolved_manually'
    )
  ),
  constraint a_step_in_progress_has_worker_token_and_end check (
    status <> 'in_progress' or (worker_uuid is not null and attempt_token is not null and timeout_at is not null)
  ),
  constraint a_step_waiting_for_retry_knows_until_when check (status <> 'waiting_for_retry' or not_before is not null),
  constraint an_enqueued_step_knows_since_when check (status <> 'enqueued' or enqueued_at is not null),
  constraint counts_are_not_negative check (
    step_index >= 0 and attempt >= 0 and max_retries >= 0 and last_sort_key >= 0 and timeout_ms > 0
  ),
  constraint texts_are_not_empty check (
    name <> '' and action <> '' and service_name <> '' and workflow_name <> '' and workflow_version <> ''
    and tenant <> ''
  )
)
with (fillfactor = 80);

create index workflow_steps_by_execution on workflow_steps (execution_id);

create index workflow_steps_to_claim
  on workflow_steps (workflow_name, workflow_version, name, enqueued_at)
  where status = 'enqueued';

create index workflow_steps_due_again on workflow_steps (not_before) where status = 'waiting_for_retry';
create index workflow_steps_timing_out on workflow_steps (timeout_at) where status = 'in_progress';
create index workflow_steps_held_by_worker on workflow_steps (worker_uuid) where status = 'in_progress';

comment on table workflow_steps is
  'One row for each operation of each step: how it stands now. An UNDO is a row of its own. Also the queue of steps to do.';
comment on column workflow_steps.workflow_step_uuid is 'The operation of the step; `step_id` of its events.';
comment on column workflow_steps.execution_id is 'The execution it belongs to.';
comment on column workflow_steps.task_uuid is 'The execution again, under the name that the step result audit knows it by.';
comment on column workflow_steps.step_index is 'Place of the step in the definition, from 0.';
comment on column workflow_steps.name is 'Name of the step.';
comment on column workflow_steps.action is 'What the step does; its name unless the definition says otherwise.';
comment on column workflow_steps.service_name is 'The worker service that performs it.';
comment on column workflow_steps.operation_type is 'DO goes forward, UNDO compensates.';
comment on column workflow_steps.undoes_step_uuid is 'For UNDO: the DO that it undoes.';
comment on column workflow_steps.status is 'Its state now.';
comment on column workflow_steps.attempt is 'Attempts made: 0 before the first claim.';
comment on column workflow_steps.attempt_token is 'Names the attempt under way; a report with another is refused.';
comment on column workflow_steps.max_retries is 'Retries allowed after the first attempt.';
comment on column workflow_steps.timeout_ms is 'Milliseconds that an attempt may take, from its claim.';
comment on column workflow_steps.timeout_at is 'When the attempt under way times out.';
comment on column workflow_steps.worker_uuid is 'The worker that holds it or held it last.';
comment on column workflow_steps.not_before is 'When the next attempt is due, while it waits for a retry.';
comment on column workflow_steps.enqueued_at is 'Since when it can be claimed.';
comment on column workflow_steps.started_at is 'When STEP_STARTED was recorded.';
comment on column workflow_steps.attempt_started_at is 'When the last attempt was claimed.';
comment on column workflow_steps.completed_at is 'When it came to its last outcome.';
comment on column workflow_steps.ended_seq is 'Sequence number of its last outcome event: the order of completion.';
comment on column workflow_steps.last_error is 'Message of the last failed attempt.';
comment on column workflow_steps.outcome_unknown is 'An attempt ended without anybody knowing what it did, and none has succeeded since.';
comment on column workflow_steps.last_event_id is 'Its last event: the cause of its next one.';
comment on column workflow_steps.last_sort_key is 'Sort key of its last transition.';
comment on column workflow_steps.input is 'What the attempt is given beyond the execution''s input.';
comment on column workflow_steps.output is 'What it returned.';
comment on column workflow_steps.workflow_name is 'Name of the workflow.';
comment on column workflow_steps.workflow_version is 'Version of the workflow.';
comment on column workflow_steps.tenant is 'Whose it is.';

create table workflow_step_edges (
  execution_id uuid not null,
  from_step_uuid uuid not null,
  to_step_uuid uuid not null,
  constraint an_edge_is_known_by_its_ends primary key (execution_id, from_step_uuid, to_step_uuid),
  constraint an_edge_belongs_to_an_execution
    foreign key (execution_id) references workflow_executions (execution_id),
  constraint an_edge_comes_from_a_step foreign key (from_step_uuid) references workflow_steps (workflow_step_uuid),
  constraint an_edge_leads_to_a_step foreign key (to_step_uuid) references workflow_steps (workflow_step_uuid),
  constraint a_step_does_not_wait_for_itself check (from_step_uuid <> to_step_uuid)
);

comment on table workflow_step_edges is 'Which step of an execution waits for which.';
comment on column workflow_step_edges.execution_id is 'The execution.';
comment on column workflow_step_edges.from_step_uuid is 'The step that is waited for.';
comment on column workflow_step_edges.to_step_uuid is 'The step that waits.';

create table workflow_workers (
  worker_uuid uuid not null,
  service_name text not null,
  implements jsonb not null,
  host text not null,
  pid int not null,
  version text,
  registered_at timestamptz(3) not null default clock_timestamp(),
  last_seen_at timestamptz(3) not null default clock_timestamp(),
  lease_ms bigint not null,
  lease_until timestamptz(3) not null,
  tenant text not null default 'default',
  constraint a_worker_is_known_by_its_uuid primary key (worker_uuid),
  constraint implements_is_an_array check (jsonb_typeof(implements) = 'array'),
  constraint a_lease_takes_time check (lease_ms > 0),
  constraint texts_are_not_empty check (service_name <> '' and tenant <> '')
);

create index workflow_workers_by_lease on workflow_workers (lease_until);

comment on table workflow_workers is 'The processes that perform steps, with one lease each.';
comment on column workflow_workers.worker_uuid is 'The worker, made by it for its lifetime.';
comment on column workflow_workers.service_name is 'The service whose steps it performs.';
comment on column workflow_workers.implements is 'What it implements: an array of { workflowName, workflowVersion, stepName }.';
comment on column workflow_workers.host is 'The machine it runs on.';
comment on column workflow_workers.pid is 'Its process id there.';
comment on column workflow_workers.version is 'The program''s own version.';
comment on column workflow_workers.registered_at is 'When it made itself known.';
comment on column workflow_workers.last_seen_at is 'Its last heartbeat.';
comment on column workflow_workers.lease_ms is 'How long it may be silent, in milliseconds.';
comment on column workflow_workers.lease_until is 'When it counts as lost unless it is heard of.';
comment on column workflow_workers.tenant is 'Whose it is.';

create table workflow_clock (
  singleton boolean not null default true,
  holder uuid,
  fence bigint not null default 0,
  lease_until timestamptz,
  constraint there_is_one_clock primary key (singleton),
  constraint the_clock_is_the_only_row check (singleton),
  constraint a_holder_has_a_lease check ((holder is null) = (lease_until is null))
);

insert into workflow_clock default values;

comment on table workflow_clock is 'Which process wakes what is due: retries, timeouts, silent workers. One row.';
comment on column workflow_clock.singleton is 'True: there is one row.';
comment on column workflow_clock.holder is 'The process that holds the clock.';
comment on column workflow_clock.fence is 'Grows with each change of holder, so that a late one is known.';
comment on column workflow_clock.lease_until is 'When another may take it.';
