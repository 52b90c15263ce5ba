-- How long an attempt waited, and how long a step took in all, beside the details that say it: then an index can give
-- them back, and the reports on them need not read the rows. Made by the database, so whoever writes an event has them.

drop index audit_event_attempts;
drop index audit_event_undone_attempts;

alter table audit_event
  add column waited_ms bigint generated always as (
    case
      when entity_type = 'STEP' and event_type in ('STEP_SUCCESS', 'STEP_FAILED')
        then (details ->> 'waitedMs')::bigint
    end
  ) stored,
  add column total_duration_ms bigint generated always as (
    case
      when entity_type = 'STEP' and event_type in ('STEP_SUCCESS', 'STEP_FAILED')
        then (details ->> 'totalDurationMs')::bigint
    end
  ) stored;

comment on column audit_event.waited_ms is
  'Of an attempt: the milliseconds that it waited for a worker. Made from the details.';
comment on column audit_event.total_duration_ms is
  'Of a step''s outcome: the milliseconds from its start, all attempts and delays together. Made from the details.';

create index audit_event_attempts
  on audit_event (event_type, "timestamp")
  include (workflow_name, step_name, operation_type, tenant, duration_ms, retry_count, waited_ms)
  where event_type in ('STEP_SUCCESS', 'STEP_FAILED', 'STEP_RETRY_TRIGGERED');

create index audit_event_undone_attempts
  on audit_event (event_type, "timestamp")
  include (workflow_name, step_name, tenant, severity, retry_count, total_duration_ms)
  where operation_type = 'UNDO' and event_type in ('STEP_SUCCESS', 'STEP_FAILED');

create function retained_columns(relation regclass)
returns text
language sql
stable
return (
  select string_agg(quote_ident(attname), ', ' order by attnum)
  from pg_attribute
  where attrelid = relation
    and attnum > 0
    and not attisdropped
    and attgenerated = ''
);

comment on function retained_columns(regclass) is
  'The columns that are copied with a row, as SQL: those that the database makes by itself are made anew.';

create or replace function retention_copy(parent regclass, month date, run uuid, at timestamptz)
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
    'insert into %I (%s) select %2$s from %I as kept where (%s) is not true',
    copy, retained_columns(name::regclass), name, retention_condition(parent, run, at)
  );
  get diagnostics kept = row_count;
  if name like 'audit_event%' then
    execute format(
      $q$
      insert into log_pruned_ranges (run_id, partition_name, log_id, from_index, to_index)
      select %L, %L, log_id, min(log_index), max(log_index)
      from (
        select entry.log_id, entry.log_index,
               entry.log_index - row_number() over (partition by entry.log_id order by entry.log_index) as island
        from %I as kept
        join log_entries as entry on entry.event_id = kept.id
        where (%s)
      ) as pruned
      group by log_id, island
      $q$,
      run, name, name, retention_condition(parent, run, at)
    );
  end if;
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

create or replace function refuse_change_but_erasure()
returns trigger
language plpgsql
set search_path from current
as $$
declare
  body constant text[] := array[
    'correlation_id', 'trace_id', 'span_id', 'actor_type', 'actor_id', 'resource_type', 'resource_id', 'action',
    'reason', 'message', 'details', 'salt'
  ];
  -- Of a new row these are not made yet when a trigger sees it; they follow from the details.
  made constant text[] := array['waited_ms', 'total_duration_ms'];
  said constant text[] := array['remediation_id', 'error_message', 'step_executions', 'adaptive_adjustments'];
  erasure uuid;
begin
  if tg_op = 'UPDATE' and tg_argv[0] = 'event' then
    select erasure_id into erasure
    from log_erasures
    where event_id = old.id
      and tx = pg_current_xact_id()::text::bigint;
    if erasure is not null
      and to_jsonb(new) - body - made = to_jsonb(old) - body - made
      and jsonb_strip_nulls(to_jsonb(new)) ?| (body[1:11]) is false
      and new.salt = envelope_key(old.salt)
    then
      return new;
    end if;
  elsif tg_op = 'UPDATE' and tg_argv[0] = 'transition' then
    select erasure_id into erasure
    from log_erasures
    where erasure_id = (new.metadata ->> 'erased_by')::uuid
      and tx = pg_current_xact_id()::text::bigint
    limit 1;
    if erasure is not null
      and to_jsonb(new) - 'metadata' = to_jsonb(old) - 'metadata'
      and new.metadata = erased_metadata(old.metadata, erasure)
    then
      return new;
    end if;
  elsif tg_op = 'UPDATE' and tg_argv[0] = 'result audit' then
    if to_jsonb(new) - 'correlation_id' = to_jsonb(old) - 'correlation_id'
      and new.correlation_id is null
      and exists (select from log_erasures where tx = pg_current_xact_id()::text::bigint)
    then
      return new;
    end if;
  elsif tg_op = 'UPDATE' and tg_argv[0] = 'execution audit' then
    if to_jsonb(new) - said = to_jsonb(old) - said
      and new.remediation_id = old.execution_id
      and new.error_message is null
      and new.step_executions = without_key(old.step_executions, 'error_message')
      and new.adaptive_adjustments = without_key(old.adaptive_adjustments, 'reason')
      and exists (select from log_erasures where tx = pg_current_xact_id()::text::bigint)
    then
      return new;
    end if;
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
