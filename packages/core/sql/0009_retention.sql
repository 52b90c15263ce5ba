-- Retention: which months go, what is kept of them, and by whose order. Rows leave the append-only tables only here.

create table retention_policy (
  policy_id uuid not null default uuid_v7(),
  workflow_name text,
  tenant text,
  entity_type text,
  event_type text,
  keep_days int not null,
  created_at timestamptz(3) not null default clock_timestamp(),
  constraint a_policy_is_known_by_its_id primary key (policy_id),
  constraint what_matches_has_one_policy unique nulls not distinct (workflow_name, tenant, entity_type, event_type),
  constraint rows_are_kept_1_to_36500_days check (keep_days between 1 and 36500)
);

comment on table retention_policy is 'How long what matches is kept; of several that match, the longest. Without one: 90 days.';
comment on column retention_policy.policy_id is 'The policy.';
comment on column retention_policy.workflow_name is 'Of this workflow; null for any, and for what has none.';
comment on column retention_policy.tenant is 'Of this tenant; null for any.';
comment on column retention_policy.entity_type is 'Events of this entity type that belong to no execution; null for any.';
comment on column retention_policy.event_type is 'Events of this type that belong to no execution; null for any.';
comment on column retention_policy.keep_days is 'For so many days, and until the month is over that they end in.';
comment on column retention_policy.created_at is 'When it was made.';

create table retention_hold (
  hold_id uuid not null default uuid_v7(),
  execution_id text,
  correlation_id text,
  workflow_name text,
  actor_id text,
  from_time timestamptz,
  until_time timestamptz,
  tenant text,
  reason text not null,
  placed_by_type text not null,
  placed_by_id text not null,
  placed_at timestamptz(3) not null default clock_timestamp(),
  constraint a_hold_is_known_by_its_id primary key (hold_id),
  constraint a_hold_says_what_it_holds check (
    num_nonnulls(execution_id, correlation_id, workflow_name, actor_id, from_time, until_time, tenant) > 0
  ),
  constraint a_time_range_has_a_length check (from_time < until_time),
  constraint texts_are_not_empty check (reason <> '' and placed_by_id <> '')
);

comment on table retention_hold is
  'Orders not to delete what matches, append-only. All that a hold names must be true of one event, and its whole execution is held.';
comment on column retention_hold.hold_id is 'The hold.';
comment on column retention_hold.execution_id is 'This execution.';
comment on column retention_hold.correlation_id is 'What has this correlation id.';
comment on column retention_hold.workflow_name is 'Executions of this workflow.';
comment on column retention_hold.actor_id is 'What this actor caused.';
comment on column retention_hold.from_time is 'What happened at this time or later.';
comment on column retention_hold.until_time is 'What happened before this time.';
comment on column retention_hold.tenant is 'What is this tenant''s.';
comment on column retention_hold.reason is 'Why it is held.';
comment on column retention_hold.placed_by_type is 'What kind of actor placed it.';
comment on column retention_hold.placed_by_id is 'Who placed it.';
comment on column retention_hold.placed_at is 'When it was placed.';

create table retention_hold_release (
  hold_id uuid not null,
  reason text not null,
  released_by_type text not null,
  released_by_id text not null,
  released_at timestamptz(3) not null default clock_timestamp(),
  constraint a_hold_is_released_once primary key (hold_id),
  constraint a_release_is_of_a_hold foreign key (hold_id) references retention_hold (hold_id),
  constraint texts_are_not_empty check (reason <> '' and released_by_id <> '')
);

comment on table retention_hold_release is 'The end of a hold: a fact of its own, append-only.';
comment on column retention_hold_release.hold_id is 'The hold.';
comment on column retention_hold_release.reason is 'Why it is released.';
comment on column retention_hold_release.released_by_type is 'What kind of actor released it.';
comment on column retention_hold_release.released_by_id is 'Who released it.';
comment on column retention_hold_release.released_at is 'When it was released.';

create table retention_run (
  run_id uuid not null default uuid_v7(),
  status text not null default 'running',
  actor_type text not null,
  actor_id text not null,
  started_at timestamptz(3) not null default clock_timestamp(),
  ended_at timestamptz(3),
  result jsonb not null default '{}',
  error text,
  constraint a_run_is_known_by_its_id primary key (run_id),
  constraint status_is_running_done_or_failed check (status in ('running', 'done', 'failed')),
  constraint a_run_that_has_ended_says_when check ((status = 'running') = (ended_at is null)),
  constraint result_is_an_object check (jsonb_typeof(result) = 'object')
);

comment on table retention_run is 'What each run of retention did.';
comment on column retention_run.run_id is 'The run.';
comment on column retention_run.status is 'running, done, or failed; nothing was dropped by one that failed.';
comment on column retention_run.actor_type is 'What kind of actor ran it.';
comment on column retention_run.actor_id is 'Who ran it.';
comment on column retention_run.started_at is 'When it began.';
comment on column retention_run.ended_at is 'When it ended.';
comment on column retention_run.result is 'By partition, how many rows went and how many were kept, with the archive''s files.';
comment on column retention_run.error is 'Why it failed.';

-- The executions that a run lets go of, and the months that runs have closed.
create table retention_doomed (
  run_id uuid not null,
  execution_id text not null,
  constraint an_execution_is_doomed_once primary key (run_id, execution_id)
);

comment on table retention_doomed is 'Executions that a run under way lets go of.';
comment on column retention_doomed.run_id is 'The run.';
comment on column retention_doomed.execution_id is 'The execution.';

create table retention_closed_month (
  table_name text not null,
  month date not null,
  constraint a_month_is_closed_once primary key (table_name, month)
);

comment on table retention_closed_month is 'Months that take no more rows: what comes late for them would be recorded twice.';
comment on column retention_closed_month.table_name is 'The table.';
comment on column retention_closed_month.month is 'The first day of the month.';

-- Names the one transaction in which rows of a table may be deleted.
create table retention_permit (
  transaction_id xid8 not null,
  table_name text not null,
  constraint a_permit_is_for_one_table primary key (transaction_id, table_name)
);

comment on table retention_permit is 'Transactions of retention that may delete rows of an append-only table. Empty outside them.';
comment on column retention_permit.transaction_id is 'The transaction.';
comment on column retention_permit.table_name is 'The table.';

create or replace function refuse_change()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  if tg_op = 'DELETE' and exists (
    select
    from retention_permit as permit
    where permit.transaction_id = pg_current_xact_id()
      and permit.table_name = tg_table_name
  ) then
    return old;
  end if;

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

create function refuse_expired()
returns trigger
language plpgsql
as $$
begin
  raise exception '% takes no more rows: retention has closed this month', tg_table_name
    using
      errcode = 'ST003',
      hint = 'what is as old as this was recorded before, or is beyond its time';
end
$$;

comment on function refuse_expired() is
  'Trigger that refuses rows for a month that retention has closed, with SQLSTATE ST003.';

create trigger trg_refuse_change before update or delete on retention_hold
  for each row execute function refuse_change();
create trigger trg_refuse_truncate before truncate on retention_hold
  for each statement execute function refuse_change();
create trigger trg_refuse_change before update or delete on retention_hold_release
  for each row execute function refuse_change();
create trigger trg_refuse_truncate before truncate on retention_hold_release
  for each statement execute function refuse_change();

comment on trigger trg_refuse_change on retention_hold is 'Append-only: no UPDATE, no DELETE.';
comment on trigger trg_refuse_truncate on retention_hold is 'Append-only: no TRUNCATE.';
comment on trigger trg_refuse_change on retention_hold_release is 'Append-only: no UPDATE, no DELETE.';
comment on trigger trg_refuse_truncate on retention_hold_release is 'Append-only: no TRUNCATE.';

alter table retention_hold enable always trigger trg_refuse_change;
alter table retention_hold enable always trigger trg_refuse_truncate;
alter table retention_hold_release enable always trigger trg_refuse_change;
alter table retention_hold_release enable always trigger trg_refuse_truncate;

create view active_retention_hold
with (security_invoker = true)
as
select hold.*
from retention_hold as hold
where not exists (
  select
  from retention_hold_release as release
  where release.hold_id = hold.hold_id
);

comment on view active_retention_hold is 'Holds that have not been released.';

create function retention_cutoff(
  workflow text,
  whose text,
  entity text,
  type text,
  at timestamptz
)
returns timestamptz
language sql
stable
return date_trunc(
  'month',
  at - coalesce(
    (
      select max(policy.keep_days)
      from retention_policy as policy
      where (policy.workflow_name is null or policy.workflow_name = workflow)
        and (policy.tenant is null or policy.tenant = whose)
        and (policy.entity_type is null or policy.entity_type = entity)
        and (policy.event_type is null or policy.event_type = type)
        and (entity is distinct from 'TRAIL' or policy.entity_type = 'TRAIL')
    ),
    case entity when 'TRAIL' then 36500 else 90 end
  ) * interval '1 day',
  'UTC'
);

comment on function retention_cutoff(text, text, text, text, timestamptz) is
  'What happened before this beginning of a month may go. Events of the trail itself stay unless a policy names their entity type.';

create function retention_holds(
  execution text,
  correlation text,
  workflow text,
  actor text,
  happened timestamptz,
  whose text
)
returns boolean
language sql
stable
return exists (
  select
  from active_retention_hold as hold
  where (hold.execution_id is null or hold.execution_id = execution)
    and (hold.correlation_id is null or hold.correlation_id = correlation)
    and (hold.workflow_name is null or hold.workflow_name = workflow)
    and (hold.actor_id is null or hold.actor_id = actor)
    and (hold.from_time is null or happened >= hold.from_time)
    and (hold.until_time is null or happened < hold.until_time)
    and (hold.tenant is null or hold.tenant = whose)
);

comment on function retention_holds(text, text, text, text, timestamptz, text) is 'Whether a hold covers this fact.';

create function retention_rules()
returns text
language sql
stable
return md5(
  coalesce((select string_agg(hold::text, ',' order by hold_id) from active_retention_hold as hold), '')
  || coalesce((select string_agg(policy::text, ',' order by policy_id) from retention_policy as policy), '')
);

comment on function retention_rules() is 'Changes with every change of holds and policies.';

create function retention_doom(run uuid, at timestamptz)
returns bigint
language plpgsql
as $$
declare
  doomed bigint;
begin
  insert into retention_doomed (run_id, execution_id)
  with
    fact as (
      select execution_id, correlation_id, workflow_name, actor_id, "timestamp" as happened, tenant
      from audit_event
      where execution_id is not null
      union all
      select execution_id, remediation_id, workflow_name, null, created_at, tenant
      from workflow_execution_audit
      where execution_id is not null
      union all
      select execution_id::text, correlation_id, workflow_name, actor_id, created_at, tenant
      from workflow_executions
      union all
      select execution_id::text, null, workflow_name, null, coalesce(completed_at, 'infinity'), tenant
      from workflow_executions
    ),
    expired as (
      select execution_id
      from fact
      group by execution_id
      having max(happened) < retention_cutoff(max(workflow_name), max(tenant), null, null, at)
    ),
    held as (
      select distinct execution_id
      from fact
      where (select count(*) from active_retention_hold) > 0
        and retention_holds(execution_id, correlation_id, workflow_name, actor_id, happened, tenant)
    )
  select run, execution_id
  from expired
  where execution_id not in (select execution_id from held);
  get diagnostics doomed = row_count;
  return doomed;
end
$$;

comment on function retention_doom(uuid, timestamptz) is
  'Notes the executions that have ended, were last heard of before their cutoff, and are not held; returns how many.';

create function retention_condition(parent regclass, run uuid, at timestamptz)
returns text
language sql
stable
return case (select relname from pg_class where oid = parent)
  when 'audit_event' then format(
    $q$case
      when kept.execution_id is not null then exists (
        select from retention_doomed where run_id = %L and execution_id = kept.execution_id
      )
      else kept."timestamp" < retention_cutoff(kept.workflow_name, kept.tenant, kept.entity_type, kept.event_type, %L)
        and not retention_holds(
          null, kept.correlation_id, kept.workflow_name, kept.actor_id, kept."timestamp", kept.tenant
        )
    end$q$,
    run, at
  )
  when 'workflow_execution_audit' then format(
    $q$case
      when kept.execution_id is not null then exists (
        select from retention_doomed where run_id = %L and execution_id = kept.execution_id
      )
      else kept.created_at < retention_cutoff(kept.workflow_name, kept.tenant, null, null, %L)
        and not retention_holds(null, kept.remediation_id, kept.workflow_name, null, kept.created_at, kept.tenant)
    end$q$,
    run, at
  )
  when 'workflow_step_transitions' then format(
    $q$exists (select from retention_doomed where run_id = %L and execution_id = kept.execution_id::text)$q$, run
  )
end;

comment on function retention_condition(regclass, uuid, timestamptz) is
  'In SQL, over a row `kept` of the table: whether a run lets go of it.';

create or replace function ensure_partition(parent regclass, at timestamptz)
returns text
language plpgsql
security definer
set search_path from current
as $$
declare
  parent_name name;
  table_schema name;
  month_start constant timestamp := date_trunc('month', at at time zone 'UTC');
  partition_name name;
  partition_oid regclass;
begin
  select relation.relname, namespace.nspname
  into parent_name, table_schema
  from pg_class as relation
  join pg_namespace as namespace on namespace.oid = relation.relnamespace
  where relation.oid = parent
    and relation.relkind = 'p'
    and namespace.nspname = current_schema();

  if parent_name is null then
    raise exception '% is not a table of this schema that has partitions', parent
      using errcode = 'invalid_parameter_value';
  end if;

  if at is null or at < '2000-01-01 00:00:00+00' or at > now() + interval '1 year' then
    raise exception 'no partition of % is made for %: give a time since 2000 and at most a year ahead', parent, at
      using errcode = 'datetime_field_overflow';
  end if;

  partition_name := parent_name || to_char(month_start, '"_"YYYY"_"MM');
  partition_oid := to_regclass(format('%I.%I', table_schema, partition_name));

  if partition_oid is null then
    -- One lock for all tables, so that two transactions cannot ask for two of them crosswise; then the table's own,
    -- which is needed anyway, and lets this session know what others have made in the meantime.
    perform pg_advisory_xact_lock(hashtextextended('steptrail partitions of ' || table_schema, 0));
    execute format('lock table only %s in share update exclusive mode', parent);
    partition_oid := to_regclass(format('%I.%I', table_schema, partition_name));
  end if;

  if partition_oid is null and exists (
    select
    from retention_closed_month as closed
    where closed.table_name = parent_name
      and closed.month = month_start::date
  ) then
    raise exception '% takes no more rows of %: retention has closed this month', parent, to_char(month_start, 'YYYY-MM')
      using
        errcode = 'ST003',
        hint = 'what is as old as this was recorded before, or is beyond its time';
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
      table_schema, partition_name, format('%s of %s, in UTC.', parent_name, to_char(month_start, 'YYYY-MM'))
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

create function retention_partition(parent regclass, month date)
returns text
language plpgsql
stable
as $$
declare
  name constant text := (select relname from pg_class where oid = parent);
begin
  if name not in ('audit_event', 'workflow_step_transitions', 'workflow_execution_audit')
    or month is distinct from date_trunc('month', month)::date
    or (month + interval '1 month') at time zone 'UTC' > now() then
    raise exception 'retention does not reach % of %', parent, month
      using errcode = 'invalid_parameter_value', hint = 'it takes whole months that are over';
  end if;
  return name || to_char(month, '"_"YYYY"_"MM');
end
$$;

comment on function retention_partition(regclass, date) is 'The name of a partition that retention may work on.';

create function retention_close(parent regclass, month date)
returns void
language plpgsql
security definer
set search_path from current
as $$
declare
  name constant text := retention_partition(parent, month);
begin
  insert into retention_closed_month (table_name, month)
  select relname, retention_close.month
  from pg_class
  where oid = parent
  on conflict do nothing;

  if not exists (select from pg_trigger where tgrelid = name::regclass and tgname = 'trg_refuse_expired') then
    execute format(
      'create trigger trg_refuse_expired before insert on %I for each row execute function refuse_expired()', name
    );
    execute format('alter table %I enable always trigger trg_refuse_expired', name);
  end if;
end
$$;

comment on function retention_close(regclass, date) is
  'Closes a month: it takes no more rows, and whoever is writing some has ended.';

create function retention_copy(parent regclass, month date, run uuid, at timestamptz)
returns bigint
language plpgsql
security definer
set search_path from current
as $$
declare
  name constant text := retention_partition(parent, month);
  copy constant text := name || '_kept';
  time_column constant text := case when name like 'audit_event%' then 'timestamp' else 'created_at' end;
  kept bigint;
begin
  execute format('drop table if exists %I', copy);
  execute format('create table %I (like %I including all)', copy, name);
  execute format(
    'insert into %I select kept.* from %I as kept where (%s) is not true',
    copy, name, retention_condition(parent, run, at)
  );
  get diagnostics kept = row_count;
  execute format(
    'alter table %1$I add constraint rows_are_of_their_month check (%2$I >= %3$L and %2$I < %4$L)',
    copy, time_column, month::timestamp at time zone 'UTC', (month + interval '1 month') at time zone 'UTC'
  );
  execute format(
    'create trigger trg_refuse_truncate before truncate on %I for each statement execute function refuse_change()', copy
  );
  execute format('alter table %I enable always trigger trg_refuse_truncate', copy);
  execute format(
    'create trigger trg_refuse_expired before insert on %I for each row execute function refuse_expired()', copy
  );
  execute format('alter table %I enable always trigger trg_refuse_expired', copy);
  execute format('alter table %I enable row level security', copy);
  execute format('comment on table %I is %L', copy, obj_description(name::regclass, 'pg_class'));
  execute format('analyze %I', copy);
  return kept;
end
$$;

comment on function retention_copy(regclass, date, uuid, timestamptz) is
  'Copies what a run keeps of a closed month into a table of its own, and returns how many rows that are.';

create function retention_forget(run uuid)
returns bigint
language plpgsql
security definer
set search_path from current
as $$
declare
  forgotten bigint;
begin
  perform
  from workflow_executions as execution
  join retention_doomed as doomed on doomed.run_id = run and execution.execution_id = uuid_or_null(doomed.execution_id)
  for update of execution;

  if exists (
    select
    from workflow_executions as execution
    join retention_doomed as doomed on doomed.run_id = run and execution.execution_id = uuid_or_null(doomed.execution_id)
    where execution.completed_at is null
  ) then
    raise exception 'an execution has been taken up again since the run began' using errcode = 'ST002';
  end if;

  insert into retention_permit (transaction_id, table_name)
  values (pg_current_xact_id(), 'workflow_step_result_audit');

  delete from workflow_step_result_audit as audit
  using retention_doomed as doomed
  where doomed.run_id = run
    and audit.task_uuid = uuid_or_null(doomed.execution_id);
  get diagnostics forgotten = row_count;

  delete from retention_permit where transaction_id = pg_current_xact_id();

  delete from workflow_step_edges as edge
  using retention_doomed as doomed
  where doomed.run_id = run
    and edge.execution_id = uuid_or_null(doomed.execution_id);
  delete from workflow_steps as step
  using retention_doomed as doomed
  where doomed.run_id = run
    and step.execution_id = uuid_or_null(doomed.execution_id);
  delete from workflow_executions as execution
  using retention_doomed as doomed
  where doomed.run_id = run
    and execution.execution_id = uuid_or_null(doomed.execution_id);

  delete from retention_doomed where run_id = run;
  return forgotten;
end
$$;

comment on function retention_forget(uuid) is
  'Deletes the result audits and the working data of the executions that a run lets go of; returns how many result audits that were.';

create function retention_replace(parent regclass, month date, run uuid, dropped bigint, kept bigint)
returns void
language plpgsql
security definer
set search_path from current
as $$
declare
  name constant text := retention_partition(parent, month);
  copy constant text := name || '_kept';
begin
  if not exists (select from pg_trigger where tgrelid = name::regclass and tgname = 'trg_refuse_expired') then
    raise exception '% is not closed', name using errcode = 'object_not_in_prerequisite_state';
  end if;

  insert into audit_event (event_type, entity_type, status, actor_type, actor_id, message, details, schema_version)
  select
    'TRAIL_PARTITION_DROPPED', 'TRAIL', 'SUCCESS', actor_type, actor_id,
    format('Retention let go of %s rows of %s', dropped, name),
    jsonb_build_object('partition', name, 'rowCount', dropped, 'keptCount', kept, 'runId', run_id),
    1
  from retention_run
  where run_id = run;

  execute format('alter table %s detach partition %I', parent, name);
  execute format('drop table %I', name);
  if kept = 0 then
    execute format('drop table %I', copy);
  else
    execute format('alter table %I rename to %I', copy, name);
    execute format(
      'alter table %s attach partition %I for values from (%L) to (%L)',
      parent, name, month::timestamp at time zone 'UTC', (month + interval '1 month') at time zone 'UTC'
    );
    execute format('alter table %I drop constraint rows_are_of_their_month', name);
  end if;
end
$$;

comment on function retention_replace(regclass, date, uuid, bigint, bigint) is
  'Puts what a run keeps of a month in the place of the month, and records that the rest is gone.';

create function retention_discard(parent regclass, month date)
returns void
language plpgsql
security definer
set search_path from current
as $$
begin
  execute format('drop table if exists %I', retention_partition(parent, month) || '_kept');
end
$$;

comment on function retention_discard(regclass, date) is 'Drops the copy that a run which failed has left.';

-- Only who may let go of rows.
revoke execute on function retention_close(regclass, date) from public;
revoke execute on function retention_copy(regclass, date, uuid, timestamptz) from public;
revoke execute on function retention_forget(uuid) from public;
revoke execute on function retention_replace(regclass, date, uuid, bigint, bigint) from public;
revoke execute on function retention_discard(regclass, date) from public;
