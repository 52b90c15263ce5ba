-- What retention prunes of the log: which indexes, so that each event that is not there is accounted for.

create table log_pruned_ranges (
  run_id uuid not null,
  partition_name text not null,
  log_id int not null,
  from_index bigint not null,
  to_index bigint not null,
  constraint a_pruned_range_is_known_by_its_beginning primary key (run_id, partition_name, log_id, from_index),
  constraint a_range_ends_after_it_begins check (from_index between 0 and to_index)
);

comment on table log_pruned_ranges is
  'Entries of the log whose events a run of retention let go of. They count once TRAIL_PARTITION_DROPPED, sealed, has their digest.';
comment on column log_pruned_ranges.run_id is 'The run.';
comment on column log_pruned_ranges.partition_name is 'The partition that the events were in.';
comment on column log_pruned_ranges.log_id is 'The log.';
comment on column log_pruned_ranges.from_index is 'The first entry.';
comment on column log_pruned_ranges.to_index is 'The last entry.';

create function pruned_digest(run uuid, partition_of_events text)
returns text
language sql
stable
return encode(
  sha256(
    convert_to(
      coalesce(
        (
          select string_agg(
            pruned.log_id || ' ' || pruned.from_index || ' ' || pruned.to_index || chr(10),
            '' order by pruned.log_id, pruned.from_index
          )
          from log_pruned_ranges as pruned
          where pruned.run_id = run
            and pruned.partition_name = partition_of_events
        ),
        ''
      ),
      'UTF8'
    )
  ),
  'hex'
);

comment on function pruned_digest(uuid, text) is
  'SHA-256 over the ranges that a run pruned with a partition: log, first and last index, a line each.';

create or replace function retention_condition(parent regclass, run uuid, at timestamptz)
returns text
language sql
stable
return case (select relname from pg_class where oid = parent)
  when 'audit_event' then format(
    $q$case
      when kept.execution_id is not null then exists (
        select from retention_doomed where run_id = %L and execution_id = kept.execution_id
      )
      when kept.event_type in ('TRAIL_PARTITION_DROPPED', 'TRAIL_ERASED', 'TRAIL_LOG_RESTARTED') then false
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
  'In SQL, over a row `kept` of the table: whether a run lets go of it. What proves that something went stays.';

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
    'insert into %I select kept.* from %I as kept where (%s) is not true',
    copy, name, retention_condition(parent, run, at)
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

create or replace function retention_replace(parent regclass, month date, run uuid, dropped bigint, kept bigint)
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
    jsonb_build_object('partition', name, 'rowCount', dropped, 'keptCount', kept, 'runId', run_id)
      || case
        when name like 'audit_event%' then jsonb_build_object('prunedDigest', pruned_digest(run, name))
        else '{}'
      end,
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

create or replace function retention_discard(parent regclass, month date)
returns void
language plpgsql
security definer
set search_path from current
as $$
declare
  name constant text := retention_partition(parent, month);
begin
  execute format('drop table if exists %I', name || '_kept');
  delete from log_pruned_ranges as pruned
  using retention_run as run
  where pruned.partition_name = name
    and run.run_id = pruned.run_id
    and run.status <> 'done';
end
$$;
