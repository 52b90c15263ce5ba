-- A month that retention lets go of is taken out of the trail in the transaction that says so, and its files are freed in
-- another: that takes as long as there is of it, and nobody who records or reads waits for it.

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
  -- Of a month that goes a second time, the first may still be there if nobody has freed it since.
  execute format('drop table if exists %I', name || '_gone');
  execute format('alter table %I rename to %I', name, name || '_gone');
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
  'Puts what a run keeps of a month in the place of the month, and records that the rest is gone. retention_free frees that.';

create function retention_free(parent regclass, month date)
returns void
language plpgsql
security definer
set search_path from current
as $$
begin
  execute format('drop table if exists %I', retention_partition(parent, month) || '_gone');
end
$$;

comment on function retention_free(regclass, date) is
  'Frees the files of a month that has been let go of. It is in no table any more.';

create function retention_keep_rules()
returns void
language plpgsql
security definer
set search_path from current
as $$
begin
  lock table retention_hold, retention_hold_release, retention_policy in share mode;
end
$$;

comment on function retention_keep_rules() is
  'Lets nobody change a hold or a policy until the transaction ends. Who may only add holds may not lock them by hand.';

revoke execute on function retention_free(regclass, date) from public;
revoke execute on function retention_keep_rules() from public;
