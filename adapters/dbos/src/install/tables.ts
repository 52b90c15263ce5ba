import { workflowLimits } from '@steptrail/workflow'
import pg from 'pg'
import type { DbosSchemas } from './place.ts'

/** Raised with every change of what is installed: another version is installed over it. */
export const installedVersion = 3

/** The version of an installation whose outbox does not hold yet what happened before: nobody takes from it. */
export const unfinished = 0

/** The triggers of {@link triggers}. */
export const triggerNames = [
  'steptrail_workflow_inserted',
  'steptrail_workflow_moved',
  'steptrail_step_recorded',
  'steptrail_workflow_deleted',
] as const

/**
 * What triggers note, each in a column of its own: to make a body of it would take DBOS twice as long, so that is left to
 * whoever takes it.
 */
const notedColumns = [
  'name text',
  'class_name text',
  'status text',
  'old_status text',
  'authenticated_user text',
  'application_version text',
  'parent_workflow_id text',
  'created_at bigint',
  'function_id int',
  'error text',
  'started_at_epoch_ms bigint',
  'completed_at_epoch_ms bigint',
  'output_sha256 bytea',
  'output_bytes int',
] as const

/** What the adapter keeps in the database of DBOS. May be run again. */
export const tables = ({ ours }: DbosSchemas): string => `
do ${pg.escapeLiteral(`
begin
  -- Where an administrator has made it, no right to make schemas is needed.
  if to_regnamespace(${pg.escapeLiteral(ours)}) is null then
    create schema ${ours};
  end if;
end
`)};

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
  body jsonb,
  ${notedColumns.join(',\n  ')}
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

/** Errors over this are told in brief: an application may put a whole response into one. */
const largestErrorBytes = 16_384

/** Of the texts of an error that is told in brief, so many characters: one more than the trail keeps, which shows the cut. */
const keptOfTexts = workflowLimits.errorTextLength + 1

/** An error as DBOS stores it, which is bounded in what the adapter notes and reads. */
export const boundedError = (error: string, { ours }: DbosSchemas): string =>
  `case when octet_length(${error}) > ${largestErrorBytes} then ${ours}.brief_error(${error}) else ${error} end`

const textIn = (field: string, of = 'told'): string => `left(${of} ->> '${field}', ${keptOfTexts})`

/** Whatever is stored there: what it throws would fail DBOS. */
const briefError = `
declare
  told json;
begin
  told := stored::json;
  told := coalesce(told -> 'json', told);
  if json_typeof(told) = 'string' then
    return json_build_object('json', left(told #>> '{}', ${keptOfTexts}))::text;
  end if;
  return json_build_object('json', json_build_object(
    'name', ${textIn('name')}, 'message', ${textIn('message')}, 'code', ${textIn('code')},
    'cause', json_build_object('message', ${textIn('message', `(told -> 'cause')`)})))::text;
exception when others then
  return left(stored, ${keptOfTexts});
end
`

const noteWorkflow = (ours: string): string => `
begin
  if tg_op = 'INSERT' then
    insert into ${ours}.outbox (
      workflow_id, kind, name, class_name, status, authenticated_user, application_version, parent_workflow_id, created_at)
    values (
      new.workflow_uuid, 'workflow', new.name, new.class_name, new.status, new.authenticated_user,
      new.application_version, new.parent_workflow_id, new.created_at);
  elsif tg_op = 'DELETE' then
    insert into ${ours}.outbox (workflow_id, kind, old_status)
    values (old.workflow_uuid, 'deleted', old.status);
  else
    insert into ${ours}.outbox (workflow_id, kind, old_status, status, completed_at_epoch_ms)
    values (new.workflow_uuid, 'status', old.status, new.status, new.completed_at);
  end if;
  return null;
end
`

/** `created_at` of a step is when its row was made, by the clock of the database. */
const noteStep = (schemas: DbosSchemas): string => `
begin
  insert into ${schemas.ours}.outbox (
    workflow_id, kind, function_id, name, error, started_at_epoch_ms, completed_at_epoch_ms, created_at, output_sha256,
    output_bytes)
  values (
    new.workflow_uuid, 'step', new.function_id, new.function_name, ${boundedError('new.error', schemas)},
    new.started_at_epoch_ms, new.completed_at_epoch_ms, new.retention_timestamp,
    sha256(convert_to(new.output, 'UTF8')), octet_length(new.output));
  return null;
end
`

/** As version 1 made it. Where that is done, nobody waits for a lock on it. */
const widenOutbox = (ours: string): string => `
begin
  if exists (
    select
    from pg_attribute
    where attrelid = ${pg.escapeLiteral(`${ours}.outbox`)}::regclass and attname = 'body' and attnotnull)
  then
    alter table ${ours}.outbox
      alter column body drop not null,
      ${notedColumns.map((column) => `add column ${column}`).join(',\n      ')};
  end if;
end
`

/** The triggers by which nothing that DBOS persists is missed, and where they write. May be run again. */
export const triggers = (schemas: DbosSchemas): string => {
  const { ours, theirs } = schemas
  return `
do ${pg.escapeLiteral(widenOutbox(ours))};

create or replace function ${ours}.brief_error(stored text)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as ${pg.escapeLiteral(briefError)};

create or replace function ${ours}.note_workflow()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as ${pg.escapeLiteral(noteWorkflow(ours))};

create or replace function ${ours}.note_step()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as ${pg.escapeLiteral(noteStep(schemas))};

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

create or replace trigger steptrail_workflow_deleted
  after delete on ${theirs}.workflow_status
  for each row when (old.status in ('PENDING', 'ENQUEUED', 'DELAYED'))
  execute function ${ours}.note_workflow();
`
}

/** What is told of a workflow that came to be, by a row of it or of the outbox. */
export const workflowBody = (row: string): string => `jsonb_build_object(
      'name', ${row}.name, 'class', ${row}.class_name, 'status', ${row}.status,
      'user', ${row}.authenticated_user, 'version', ${row}.application_version,
      'parent', ${row}.parent_workflow_id, 'createdAt', ${row}.created_at)`

/** What is told of a step when DBOS has recorded its outcome, by its row; of its output, the SHA-256. */
export const stepBody = (row: string, schemas: DbosSchemas): string => `jsonb_build_object(
      'step', ${row}.function_id, 'name', ${row}.function_name, 'error', ${boundedError(`${row}.error`, schemas)},
      'startedAt', ${row}.started_at_epoch_ms, 'completedAt', ${row}.completed_at_epoch_ms,
      'recordedAt', ${row}.retention_timestamp,
      'sha256', encode(sha256(convert_to(${row}.output, 'UTF8')), 'hex'), 'bytes', octet_length(${row}.output))`

/** What a row of the outbox tells, as its columns have it where it has no body. */
export const notedBody = (row: string): string => `coalesce(${row}.body, case ${row}.kind
    when 'workflow' then ${workflowBody(row)}
    when 'status' then jsonb_build_object(
      'from', ${row}.old_status, 'to', ${row}.status, 'completedAt', ${row}.completed_at_epoch_ms)
    when 'deleted' then jsonb_build_object('from', ${row}.old_status)
    when 'step' then jsonb_build_object(
      'step', ${row}.function_id, 'name', ${row}.name, 'error', ${row}.error,
      'startedAt', ${row}.started_at_epoch_ms, 'completedAt', ${row}.completed_at_epoch_ms,
      'recordedAt', ${row}.created_at, 'sha256', encode(${row}.output_sha256, 'hex'), 'bytes', ${row}.output_bytes)
  end, '{}')`
