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
