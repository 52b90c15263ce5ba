-- What happened: transitions and events. Append-only, a partition for each month, no default partition.

create function refuse_change()
returns trigger
language plpgsql
as $$
begin
  raise exception '% of % is refused: what is on record does not change', tg_op, tg_table_name
    using
      errcode = 'ST001',
      hint = case
        when tg_op = 'UPDATE' then 'insert a new row that says what is different'
        else 'rows go only with their partition, when retention drops it'
      end,
      schema = tg_table_schema,
      table = tg_table_name;
end
$$;

comment on function refuse_change() is
  'Trigger that refuses UPDATE, DELETE and TRUNCATE of an append-only table with SQLSTATE ST001.';

create function ensure_partition(parent regclass, at timestamptz)
returns text
language plpgsql
security definer
set search_path from current
as $$
declare
  table_name name;
  table_schema name;
  month_start constant timestamp := date_trunc('month', at at time zone 'UTC');
  partition_name name;
  partition_oid regclass;
begin
  select relation.relname, namespace.nspname
  into table_name, table_schema
  from pg_class as relation
  join pg_namespace as namespace on namespace.oid = relation.relnamespace
  where relation.oid = parent
    and relation.relkind = 'p'
    and namespace.nspname = current_schema();

  if table_name is null then
    raise exception '% is not a table of this schema that has partitions', parent
      using errcode = 'invalid_parameter_value';
  end if;

  if at is null or at < '2000-01-01 00:00:00+00' or at > now() + interval '1 year' then
    raise exception 'no partition of % is made for %: give a time since 2000 and at most a year ahead', parent, at
      using errcode = 'datetime_field_overflow';
  end if;

  partition_name := table_name || to_char(month_start, '"_"YYYY"_"MM');
  partition_oid := to_regclass(format('%I.%I', table_schema, partition_name));

  if partition_oid is null then
    -- One lock for all tables, so that two transactions cannot ask for two of them crosswise; then the table's own,
    -- which is needed anyway, and lets this session know what others have made in the meantime.
    perform pg_advisory_xact_lock(hashtextextended('steptrail partitions of ' || table_schema, 0));
    execute format('lock table only %s in share update exclusive mode', parent);
    partition_oid := to_regclass(format('%I.%I', table_schema, partition_name));
  end if;

  if partition_oid is null then
    execute format('create table %I.%I (like %s including all)', table_schema, partition_name, parent);
    execute format(
      'create trigger trg_refuse_truncate before truncate on %I.%I for each statement execute function refuse_change()',
      table_schema, partition_name
    );
    execute format('alter table %I.%I enable always trigger trg_refuse_truncate', table_schema, partition_name);
    execute format('alter table %I.%I enable row level security', table_schema, partition_name);
    execute format(
      'comment on table %I.%I is %L',
      table_schema, partition_name, format('%s of %s, in UTC.', table_name, to_char(month_start, 'YYYY-MM'))
    );
    execute format(
      'alter table %s attach partition %I.%I for values from (%L) to (%L)',
      parent, table_schema, partition_name,
      month_start at time zone 'UTC', (month_start + interval '1 month') at time zone 'UTC'
    );
  elsif pg_partition_root(partition_oid) is distinct from parent then
    raise exception '% is there, but is no partition of %', partition_oid, parent
      using
        errcode = 'object_not_in_prerequisite_state',
        hint = 'it was detached: attach it again, or drop it if its rows are no longer wanted';
  end if;

  return partition_name;
end
$$;

comment on function ensure_partition(regclass, timestamptz) is
  'Makes sure that the parent has a partition for the month of `at`, in UTC, and returns its name. Concurrent calls make it once.';

revoke execute on function ensure_partition(regclass, timestamptz) from public;

create table workflow_step_transitions (
  workflow_step_transition_uuid uuid not null default uuid_v7(),
  workflow_step_uuid uuid not null,
  execution_id uuid not null,
  from_state text,
  to_state text not null,
  metadata jsonb not null default '{}',
  sort_key bigint not null,
  tenant text not null default 'default',
  created_at timestamptz(3) not null default clock_timestamp(),
  constraint a_transition_is_known_by_its_uuid primary key (workflow_step_transition_uuid, created_at),
  constraint states_are_states_of_steps check (
    to_state in (
      'pending', 'enqueued', 'in_progress', 'enqueued_for_orchestration', 'enqueued_as_error_for_orchestration',
      'waiting_for_retry', 'complete', 'error', 'skipped', 'cancelled', 'resolved_manually'
    )
    and from_state in (
      'pending', 'enqueued', 'in_progress', 'enqueued_for_orchestration', 'enqueued_as_error_for_orchestration',
      'waiting_for_retry', 'complete', 'error', 'skipped', 'cancelled', 'resolved_manually'
    )
  ),
  constraint metadata_is_an_object check (jsonb_typeof(metadata) = 'object'),
  constraint sort_keys_start_at_1 check (sort_key >= 1),
  constraint only_the_first_transition_has_no_from_state check ((sort_key = 1) = (from_state is null)),
  constraint tenant_is_not_empty check (tenant <> '')
)
partition by range (created_at);

create index workflow_step_transitions_by_step on workflow_step_transitions (workflow_step_uuid, sort_key);
create index workflow_step_transitions_by_execution on workflow_step_transitions (execution_id);

comment on table workflow_step_transitions is 'Every change of a step''s state, append-only.';
comment on column workflow_step_transitions.workflow_step_transition_uuid is 'The transition.';
comment on column workflow_step_transitions.workflow_step_uuid is 'The step that changed.';
comment on column workflow_step_transitions.execution_id is 'The execution it belongs to.';
comment on column workflow_step_transitions.from_state is 'The state before; null for its creation.';
comment on column workflow_step_transitions.to_state is 'The state after.';
comment on column workflow_step_transitions.metadata is
  'worker_uuid, correlation_id, actor, reason and, for worker results, event { success, metadata { execution_time_ms }, result | error }.';
comment on column workflow_step_transitions.sort_key is '1, 2, 3 … without gaps for each step.';
comment on column workflow_step_transitions.tenant is 'Whose it is.';
comment on column workflow_step_transitions.created_at is 'When it happened.';

create table audit_event (
  id uuid not null default uuid_v7(date_trunc('milliseconds', now())),
  "timestamp" timestamptz(3) not null default date_trunc('milliseconds', now()),
  recorded_at timestamptz not null default clock_timestamp(),
  event_type text not null,
  entity_type text not null,
  status text,
  severity text not null default 'info',
  service_name text,
  execution_id text,
  execution_seq bigint,
  workflow_name text,
  workflow_version text,
  step_name text,
  step_id uuid,
  operation_type text,
  duration_ms bigint,
  retry_count int,
  correlation_id text,
  parent_event_id uuid,
  trace_id text,
  span_id text,
  actor_type text,
  actor_id text,
  resource_type text,
  resource_id text,
  action text,
  reason text,
  message text,
  details jsonb,
  tenant text not null default 'default',
  schema_version int not null default 0,
  recorder_id uuid,
  recorder_seq bigint,
  salt uuid not null default gen_random_uuid(),
  tx bigint not null default pg_current_xact_id()::text::bigint,
  constraint an_event_is_known_by_its_id primary key (id, "timestamp"),
  constraint id_begins_with_timestamp_in_milliseconds check (
    substring(uuid_send(id) from 1 for 6)
      = substring(int8send((date_part('epoch', "timestamp") * 1000)::bigint) from 3)
  ),
  constraint entity_type_is_known check (
    entity_type in ('ORCHESTRATION', 'STEP', 'SELECTION', 'OPERATION', 'TRAIL')
  ),
  constraint status_is_success_failed_or_warning check (status in ('SUCCESS', 'FAILED', 'WARNING')),
  constraint severity_is_known check (severity in ('debug', 'info', 'warning', 'error', 'critical')),
  constraint operation_type_is_do_or_undo check (operation_type in ('DO', 'UNDO')),
  constraint actor_type_is_user_service_worker_agent_or_system check (
    actor_type in ('user', 'service', 'worker', 'agent', 'system')
  ),
  constraint sequence_numbers_start_at_1 check (execution_seq >= 1 and recorder_seq >= 1),
  constraint only_an_execution_has_execution_seq check (execution_seq is null or execution_id is not null),
  constraint only_a_recorder_has_recorder_seq check (recorder_seq is null or recorder_id is not null),
  constraint durations_and_counts_are_not_negative check (
    duration_ms >= 0 and retry_count >= 0 and schema_version >= 0
  ),
  constraint names_have_1_to_765_bytes check (
    least(
      octet_length(event_type), octet_length(service_name), octet_length(execution_id),
      octet_length(workflow_name), octet_length(workflow_version), octet_length(step_name),
      octet_length(correlation_id), octet_length(actor_id), octet_length(resource_type),
      octet_length(resource_id), octet_length(action), octet_length(tenant)
    ) >= 1
    and greatest(
      octet_length(event_type), octet_length(service_name), octet_length(execution_id),
      octet_length(workflow_name), octet_length(workflow_version), octet_length(step_name),
      octet_length(correlation_id), octet_length(actor_id), octet_length(resource_type),
      octet_length(action), octet_length(tenant)
    ) <= 765
  ),
  constraint resource_ids_have_at_most_3000_bytes check (octet_length(resource_id) <= 3000),
  constraint texts_have_at_most_30000_bytes check (
    greatest(octet_length(reason), octet_length(message)) <= 30000
  ),
  constraint trace_id_is_32_hexadecimal_digits check (trace_id ~ '^[0-9a-f]{32}$'),
  constraint span_id_is_16_hexadecimal_digits check (span_id ~ '^[0-9a-f]{16}$'),
  constraint details_are_an_object check (jsonb_typeof(details) = 'object'),
  constraint details_have_at_most_2_mebibytes check (pg_column_size(details) <= 2097152),
  constraint numbers_in_details_of_a_step_are_whole_and_not_negative check (
    entity_type <> 'STEP'
    or least(
      (details ->> 'backoffMs')::int, (details ->> 'durationMs')::bigint, (details ->> 'waitedMs')::bigint,
      (details ->> 'totalDurationMs')::bigint, (details ->> 'retryCount')::int, (details ->> 'maxRetries')::int,
      (details ->> 'attempt')::int
    ) >= 0
  ),
  constraint lists_in_details_are_arrays check (
    (
      entity_type <> 'ORCHESTRATION'
      or (
        coalesce(jsonb_typeof(details -> 'stepsToRollback'), 'array') = 'array'
        and coalesce(jsonb_typeof(details -> 'rolledBackSteps'), 'array') = 'array'
      )
    )
    and (
      entity_type <> 'SELECTION'
      or coalesce(jsonb_typeof(details #> '{results, workflows}'), 'array') = 'array'
    )
  )
)
partition by range ("timestamp");

comment on constraint names_have_1_to_765_bytes on audit_event is
  'The limit of 255 UTF-16 code units, as the bytes that they may take.';
comment on constraint details_have_at_most_2_mebibytes on audit_event is
  'The limit of 256 KB of JSON, as the bytes that they may take once parsed.';
comment on constraint numbers_in_details_of_a_step_are_whole_and_not_negative on audit_event is
  'So that no row breaks a query that casts them.';
comment on constraint lists_in_details_are_arrays on audit_event is
  'So that no row, not even one with a JSON null, breaks a query that unnests them.';

create index audit_event_by_transaction on audit_event (tx);
create index audit_event_by_execution on audit_event (execution_id, execution_seq);
create index audit_event_by_type on audit_event (event_type, "timestamp");

create index audit_event_by_correlation
  on audit_event (correlation_id, "timestamp")
  where correlation_id is not null;

comment on table audit_event is 'Every event, append-only: one record shape for everything.';
comment on column audit_event.id is
  'Made by the producer, UUIDv7 or UUIDv8; its first 48 bits are the timestamp; the idempotency key.';
comment on column audit_event."timestamp" is
  'When it happened, in whole milliseconds. Strictly increasing within an execution.';
comment on column audit_event.recorded_at is 'When the database took it.';
comment on column audit_event.event_type is 'What kind of event it is.';
comment on column audit_event.entity_type is
  'What kind of thing it is about: ORCHESTRATION, STEP, SELECTION, OPERATION or TRAIL.';
comment on column audit_event.status is 'The outcome, SUCCESS, FAILED or WARNING; null where there is none.';
comment on column audit_event.severity is 'How serious it is: debug, info, warning, error or critical.';
comment on column audit_event.service_name is
  'Who did it: the worker service for step events, the emitting service otherwise.';
comment on column audit_event.execution_id is 'The execution it belongs to or is about.';
comment on column audit_event.execution_seq is
  '1, 2, 3 … without gaps within an execution; null for what the buffered recorder recorded.';
comment on column audit_event.workflow_name is 'Name of the workflow.';
comment on column audit_event.workflow_version is 'Version of the workflow.';
comment on column audit_event.step_name is 'Name of the step.';
comment on column audit_event.step_id is 'The step row: DO and UNDO of one step have an id each.';
comment on column audit_event.operation_type is 'DO goes forward, UNDO compensates.';
comment on column audit_event.duration_ms is
  'Whole milliseconds. Of a step: the last attempt, from its claim to its acknowledgement.';
comment on column audit_event.retry_count is
  'Retries made so far, 0 on the first attempt; in STEP_RETRY_TRIGGERED the number of the retry it triggers.';
comment on column audit_event.correlation_id is
  'Ties everything that belongs to one cause together, across executions.';
comment on column audit_event.parent_event_id is 'The event that caused this one.';
comment on column audit_event.trace_id is 'W3C trace id.';
comment on column audit_event.span_id is 'W3C span id.';
comment on column audit_event.actor_type is
  'What kind of actor caused it: user, service, worker, agent or system.';
comment on column audit_event.actor_id is 'Who caused it.';
comment on column audit_event.resource_type is 'What kind of thing it was done to.';
comment on column audit_event.resource_id is 'What it was done to.';
comment on column audit_event.action is 'What was done, for operations.';
comment on column audit_event.reason is 'Why, in words a person can use.';
comment on column audit_event.message is 'What happened, in a sentence.';
comment on column audit_event.details is 'The rest, by event type.';
comment on column audit_event.tenant is 'Whose it is.';
comment on column audit_event.schema_version is
  'Version of the details for this event type; 0 for details that no schema checked.';
comment on column audit_event.recorder_id is 'The recorder instance, for events without execution_seq.';
comment on column audit_event.recorder_seq is
  '1, 2, 3 … without gaps within a recorder instance, so that a missing event shows.';
comment on column audit_event.salt is 'Secret of the event''s commitments; never part of its JSON form.';
comment on column audit_event.tx is 'The transaction that wrote it: what makes feeds safe against late commits.';

-- A row trigger is copied to every partition; a trigger on truncate is not, so ensure_partition adds one.
create trigger trg_refuse_change before update or delete on workflow_step_transitions
  for each row execute function refuse_change();
create trigger trg_refuse_truncate before truncate on workflow_step_transitions
  for each statement execute function refuse_change();
create trigger trg_refuse_change before update or delete on audit_event
  for each row execute function refuse_change();
create trigger trg_refuse_truncate before truncate on audit_event
  for each statement execute function refuse_change();

comment on trigger trg_refuse_change on workflow_step_transitions is 'Append-only: no UPDATE, no DELETE.';
comment on trigger trg_refuse_truncate on workflow_step_transitions is 'Append-only: no TRUNCATE.';
comment on trigger trg_refuse_change on audit_event is 'Append-only: no UPDATE, no DELETE.';
comment on trigger trg_refuse_truncate on audit_event is 'Append-only: no TRUNCATE.';

-- `always`: also where session_replication_role is replica.
alter table workflow_step_transitions enable always trigger trg_refuse_change;
alter table workflow_step_transitions enable always trigger trg_refuse_truncate;
alter table audit_event enable always trigger trg_refuse_change;
alter table audit_event enable always trigger trg_refuse_truncate;

select ensure_partition(parent, now() + months * interval '1 month')
from unnest(array['workflow_step_transitions', 'audit_event']::regclass[]) as parent
cross join generate_series(0, 2) as months;
