-- The step result audit: one row for each result that a worker reported, with attribution and no copy of the result.
-- A trigger writes it, so no code path can forget it; the result itself is in the transition's metadata.

create table workflow_step_result_audit (
  workflow_step_result_audit_uuid uuid not null default uuid_v7(),
  workflow_step_uuid uuid not null,
  workflow_step_transition_uuid uuid not null,
  task_uuid uuid not null,
  recorded_at timestamptz not null default now(),
  worker_uuid uuid,
  correlation_id text,
  success boolean not null,
  execution_time_ms bigint,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  tenant text not null default 'default',
  constraint a_result_audit_is_known_by_its_uuid primary key (workflow_step_result_audit_uuid),
  constraint a_transition_is_audited_once unique (workflow_step_uuid, workflow_step_transition_uuid),
  constraint execution_time_is_not_negative check (execution_time_ms >= 0),
  constraint tenant_is_not_empty check (tenant <> '')
);

create index idx_audit_step_uuid on workflow_step_result_audit (workflow_step_uuid);
create index idx_audit_task_uuid on workflow_step_result_audit (task_uuid);
create index idx_audit_recorded_at on workflow_step_result_audit (recorded_at);

create index idx_audit_worker_uuid
  on workflow_step_result_audit (worker_uuid)
  where worker_uuid is not null;

comment on table workflow_step_result_audit is
  'Who reported each result of a step, append-only. Written by trigger; the result is in the transition''s metadata.';
comment on column workflow_step_result_audit.workflow_step_result_audit_uuid is 'The row.';
comment on column workflow_step_result_audit.workflow_step_uuid is 'The step whose result it is.';
comment on column workflow_step_result_audit.workflow_step_transition_uuid is 'The transition that holds the result.';
comment on column workflow_step_result_audit.task_uuid is 'The execution.';
comment on column workflow_step_result_audit.recorded_at is 'When the result was recorded.';
comment on column workflow_step_result_audit.worker_uuid is
  'The worker that reported it; null when not known, as for what was recorded before this table was.';
comment on column workflow_step_result_audit.correlation_id is 'The correlation id under which it was reported.';
comment on column workflow_step_result_audit.success is 'Whether the worker reported success.';
comment on column workflow_step_result_audit.execution_time_ms is
  'The worker''s own measure, whole milliseconds; null when it gave none that can be read.';
comment on column workflow_step_result_audit.created_at is 'When the row was created.';
comment on column workflow_step_result_audit.updated_at is 'The same: the row does not change.';
comment on column workflow_step_result_audit.tenant is 'Whose it is.';

-- What a worker sent is read without ever failing: the fact that it reported is worth more than what it garbled.

create function jsonb_or_null(value text)
returns jsonb
language plpgsql
immutable
parallel unsafe
as $$
begin
  return value::jsonb;
exception
  when others then
    return null;
end
$$;

comment on function jsonb_or_null(text) is 'The text as jsonb, or null when it is none.';

create function uuid_or_null(value text)
returns uuid
language sql
immutable
parallel safe
return case
  when value like '________-____-____-____-____________'
    and value !~ '[^0-9a-fA-F-]'
    and length(replace(value, '-', '')) = 32
    then value::uuid
end;

comment on function uuid_or_null(text) is
  'The text as a uuid, or null when it is none. One pattern for the whole of it would take ten times as long.';

create function boolean_or_null(value jsonb)
returns boolean
language sql
immutable
parallel safe
return case value when 'true' then true when '"true"' then true when 'false' then false when '"false"' then false end;

comment on function boolean_or_null(jsonb) is 'True or false, also where they are strings; else null.';

create function milliseconds_or_null(value jsonb)
returns bigint
language sql
immutable
parallel safe
return case
  when value #>> '{}' ~ '^[0-9]{1,15}$' then (value #>> '{}')::bigint
  when length(value #>> '{}') <= 1000
    and value #>> '{}' ~ '^[0-9]{1,20}(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?$' then case
    when (value #>> '{}')::numeric <= 9007199254740991 then round((value #>> '{}')::numeric)::bigint
  end
end;

comment on function milliseconds_or_null(jsonb) is
  'A duration rounded to whole milliseconds, also where it is a string; null for what is none or is beyond 2^53 − 1.';

create function create_step_result_audit()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
declare
  event constant jsonb := case jsonb_typeof(new.metadata -> 'event')
    when 'string' then jsonb_or_null(new.metadata ->> 'event')
    else new.metadata -> 'event'
  end;
begin
  insert into workflow_step_result_audit (
    workflow_step_uuid,
    workflow_step_transition_uuid,
    task_uuid,
    worker_uuid,
    correlation_id,
    success,
    execution_time_ms,
    tenant
  )
  values (
    new.workflow_step_uuid,
    new.workflow_step_transition_uuid,
    new.execution_id,
    uuid_or_null(new.metadata ->> 'worker_uuid'),
    case jsonb_typeof(new.metadata -> 'correlation_id') when 'string' then new.metadata ->> 'correlation_id' end,
    coalesce(boolean_or_null(event -> 'success'), new.to_state = 'enqueued_for_orchestration'),
    milliseconds_or_null(event #> '{metadata, execution_time_ms}'),
    new.tenant
  );
  return null;
end
$$;

comment on function create_step_result_audit() is
  'Trigger that writes the audit row of a worker''s result. Runs as the tables'' owner: nobody else writes that table.';

create trigger trg_step_result_audit after insert on workflow_step_transitions
  for each row
  when (new.to_state in ('enqueued_for_orchestration', 'enqueued_as_error_for_orchestration'))
  execute function create_step_result_audit();

comment on trigger trg_step_result_audit on workflow_step_transitions is 'Audits each result that a worker reports.';

-- Transitions that are older than this table. Who reported them was not kept for this purpose, so it is null.
insert into workflow_step_result_audit (
  workflow_step_uuid,
  workflow_step_transition_uuid,
  task_uuid,
  success,
  execution_time_ms,
  tenant
)
select
  transition.workflow_step_uuid,
  transition.workflow_step_transition_uuid,
  transition.execution_id,
  coalesce(boolean_or_null(report.event -> 'success'), transition.to_state = 'enqueued_for_orchestration'),
  milliseconds_or_null(report.event #> '{metadata, execution_time_ms}'),
  transition.tenant
from workflow_step_transitions as transition
cross join lateral (
  select case jsonb_typeof(transition.metadata -> 'event')
    when 'string' then jsonb_or_null(transition.metadata ->> 'event')
    else transition.metadata -> 'event'
  end as event
) as report
where transition.to_state in ('enqueued_for_orchestration', 'enqueued_as_error_for_orchestration')
on conflict (workflow_step_uuid, workflow_step_transition_uuid) do nothing;

create trigger trg_refuse_change before update or delete on workflow_step_result_audit
  for each row execute function refuse_change();
create trigger trg_refuse_truncate before truncate on workflow_step_result_audit
  for each statement execute function refuse_change();

comment on trigger trg_refuse_change on workflow_step_result_audit is 'Append-only: no UPDATE, no DELETE.';
comment on trigger trg_refuse_truncate on workflow_step_result_audit is 'Append-only: no TRUNCATE.';

alter table workflow_step_result_audit enable always trigger trg_refuse_change;
alter table workflow_step_result_audit enable always trigger trg_refuse_truncate;
