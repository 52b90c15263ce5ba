import type { DbosSchemas } from './place.ts'

/** Raised with every change of what is installed: another version is installed over it. */
export const installedVersion = 1

/** The version of an installation whose outbox does not hold yet what happened before: nobody takes from it. */
export const unfinished = 0

/** The triggers of {@link triggers}. */
export const triggerNames = [
  'steptrail_workflow_inserted',
  'steptrail_workflow_moved',
  'steptrail_step_recorded',
] as const

/** What the adapter keeps in the database of DBOS. May be run again. */
export const tables = ({ ours }: DbosSchemas): string => `
create schema if not exists ${ours};

create table if not exists ${ours}.installation (
  is_the_one boolean not null default true primary key check (is_the_one),
  source_id uuid not null default gen_random_uuid(),
  version int not null,
  installed_at timestamptz not null default clock_timestamp()
);
comment on table ${ours}.installation is
  'Steptrail''s adapter: under which id the trail knows the history of this DBOS.';

create table if not exists ${ours}.outbox (
  id bigint generated always as identity primary key,
  workflow_id text not null,
  kind text not null,
  at bigint not null default (extract(epoch from clock_timestamp()) * 1000)::bigint,
  body jsonb not null
);
comment on table ${ours}.outbox is
  'What happened and is not on record in the trail yet. Written with what it tells of, in one transaction.';

create table if not exists ${ours}.wrapped_step (
  name text primary key,
  body jsonb not null
);
comment on table ${ours}.wrapped_step is 'Steps whose attempts the adapter sees, by their name in DBOS.';

create table if not exists ${ours}.refused (
  id bigint primary key,
  workflow_id text not null,
  kind text not null,
  at bigint not null,
  body jsonb not null,
  reason text not null,
  refused_at timestamptz not null default clock_timestamp()
);
comment on table ${ours}.refused is 'What the trail has refused to put on record, and why. Nothing else waits for it.';
`

/** The triggers by which nothing that DBOS persists is missed. May be run again. */
export const triggers = ({ ours, theirs }: DbosSchemas): string => `
create or replace function ${ours}.note_workflow()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if tg_op = 'INSERT' then
    insert into ${ours}.outbox (workflow_id, kind, body)
    values (new.workflow_uuid, 'workflow', ${workflowBody('new')});
  else
    insert into ${ours}.outbox (workflow_id, kind, body)
    values (new.workflow_uuid, 'status', jsonb_build_object('from', old.status, 'to', new.status));
  end if;
  return null;
end
$$;

create or replace function ${ours}.note_step()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into ${ours}.outbox (workflow_id, kind, body)
  values (new.workflow_uuid, 'step', ${stepBody('new')} || jsonb_build_object('isCopied', exists (
    select from ${theirs}.workflow_status as fork
    where fork.workflow_uuid = new.workflow_uuid
      and fork.forked_from is not null
      and fork.created_at > new.completed_at_epoch_ms)));
  return null;
end
$$;

create or replace trigger steptrail_workflow_inserted
  after insert on ${theirs}.workflow_status
  for each row execute function ${ours}.note_workflow();

create or replace trigger steptrail_workflow_moved
  after update on ${theirs}.workflow_status
  for each row when (old.status is distinct from new.status)
  execute function ${ours}.note_workflow();

create or replace trigger steptrail_step_recorded
  after insert on ${theirs}.operation_outputs
  for each row execute function ${ours}.note_step();
`

/** What is noted of a workflow when it comes to be. */
export const workflowBody = (row: string): string => `jsonb_build_object(
      'name', ${row}.name, 'class', ${row}.class_name, 'status', ${row}.status,
      'user', ${row}.authenticated_user, 'version', ${row}.application_version,
      'parent', ${row}.parent_workflow_id, 'createdAt', ${row}.created_at)`

/** What is noted of a step when DBOS has recorded its outcome; of its output, the SHA-256. */
export const stepBody = (row: string): string => `jsonb_build_object(
      'step', ${row}.function_id, 'name', ${row}.function_name, 'error', ${row}.error,
      'startedAt', ${row}.started_at_epoch_ms, 'completedAt', ${row}.completed_at_epoch_ms,
      'sha256', encode(sha256(convert_to(${row}.output, 'UTF8')), 'hex'), 'bytes', octet_length(${row}.output))`
