import { workflowLimits } from '@steptrail/workflow'
import pg from 'pg'
import type { BullmqSchemas } from './place.ts'

/** Raised with every change of what is installed: another version is installed over it. */
export const installedVersion = 4

/**
 * What triggers note, each in a column of its own: to make a body of it would take BullMQ longer than to note it, so that
 * is left to whoever takes it.
 */
const notedColumns = [
  'name text',
  'max_attempts int',
  'parent_queue text',
  'parent_id text',
  'old_state text',
  'state text',
  'attempts_made int',
  'has_failed boolean',
  'is_stalled boolean',
  'is_deferred boolean',
  'processed_at_ms bigint',
  'finished_at_ms bigint',
  'processed_by text',
  'delay_ms bigint',
  'process_at_ms bigint',
  'failed_reason text',
  'content_sha256 bytea',
  'content_bytes int',
] as const

/** One more than the trail keeps of the text of an error, which shows that it was cut. */
const keptOfErrors = workflowLimits.errorTextLength + 1

const boundedError = (error: string): string => `left(${error}, ${keptOfErrors})`

/** What the adapter keeps in the database of BullMQ. May be run again. */
export const tables = ({ ours }: BullmqSchemas): string => `
create schema if not exists ${ours};

create table if not exists ${ours}.installation (
  is_the_one boolean not null default true primary key check (is_the_one),
  source_id uuid not null default gen_random_uuid(),
  version int not null,
  installed_at bigint not null default (extract(epoch from clock_timestamp()) * 1000)::bigint,
  open_attempts jsonb not null default '{}'
);
comment on table ${ours}.installation is
  'Steptrail''s adapter: under which id the trail knows the history of this BullMQ, and which attempts of jobs are under way in what was taken from the outbox last.';

create table if not exists ${ours}.outbox (
  id bigint generated always as identity primary key,
  queue text not null,
  job_id text not null,
  added_at bigint not null,
  kind text not null,
  at bigint not null default (extract(epoch from clock_timestamp()) * 1000)::bigint,
  body jsonb,
  ${notedColumns.join(',\n  ')}
);
comment on table ${ours}.outbox is
  'What happened and is not on record in the trail yet. Written with what it tells of, in one transaction.';

create table if not exists ${ours}.refused (
  id bigint primary key,
  queue text not null,
  job_id text not null,
  added_at bigint not null,
  kind text not null,
  at bigint not null,
  body jsonb not null,
  reason text not null,
  refused_at timestamptz not null default clock_timestamp()
);
comment on table ${ours}.refused is 'What the trail has refused to put on record, and why. Nothing else waits for it.';
`

/** The triggers of {@link triggers}. */
export const triggerNames = ['steptrail_job_added', 'steptrail_job_moved', 'steptrail_job_removed'] as const

/**
 * The triggers by which nothing that BullMQ persists is missed, and where they write. A job that begins an attempt fires
 * none: what it leaves says when it began. May be run again.
 */
export const triggers = ({ ours, theirs }: BullmqSchemas): string => `
do $$
begin
  if exists (
    select
    from pg_attribute
    where attrelid = ${pg.escapeLiteral(`${ours}.outbox`)}::regclass and attname = 'body' and attnotnull)
  then
    -- As version 1 made it.
    alter table ${ours}.outbox
      alter column body drop not null,
      ${notedColumns.map((column) => `add column ${column}`).join(',\n      ')};
  end if;
end
$$;

create or replace function ${ours}.note_job()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if tg_op = 'INSERT' then
    insert into ${ours}.outbox (
      queue, job_id, added_at, kind, name, max_attempts, parent_queue, parent_id, content_sha256)
    values (
      new.queue, new.id, new.added_at_ms, 'added', new.name, new.max_attempts, new.parent_queue, new.parent_id,
      sha256(convert_to(new.data::text, 'UTF8')));
  elsif tg_op = 'DELETE' then
    insert into ${ours}.outbox (queue, job_id, added_at, kind, old_state)
    values (old.queue, old.id, old.added_at_ms, 'removed', old.state);
  elsif old.state = 'active' then
    insert into ${ours}.outbox (
      queue, job_id, added_at, kind, name, max_attempts, attempts_made, state, has_failed, is_stalled, is_deferred,
      processed_at_ms, finished_at_ms, processed_by, delay_ms, process_at_ms, failed_reason, content_sha256,
      content_bytes)
    values (
      new.queue, new.id, new.added_at_ms, 'left', new.name, new.max_attempts, new.attempts_made, new.state,
      new.state <> 'completed' and new.attempts_made > old.attempts_made, new.stalled_count > old.stalled_count,
      coalesce(old.deferred_failure, new.deferred_failure) is not null, old.processed_at_ms, new.finished_at_ms, old.processed_by, new.delay_ms,
      new.process_at_ms, ${boundedError('new.failed_reason')}, sha256(convert_to(new.return_value::text, 'UTF8')),
      octet_length(new.return_value::text));
  else
    insert into ${ours}.outbox (queue, job_id, added_at, kind, old_state)
    values (new.queue, new.id, new.added_at_ms, 'taken_up', old.state);
  end if;
  return null;
end
$$;

create or replace trigger steptrail_job_added
  after insert on ${theirs}.job
  for each row execute function ${ours}.note_job();

create or replace trigger steptrail_job_moved
  after update on ${theirs}.job
  for each row
  when (old.state is distinct from new.state and old.state in ('active', 'completed', 'failed'))
  execute function ${ours}.note_job();

create or replace trigger steptrail_job_removed
  after delete on ${theirs}.job
  for each row
  when (old.state not in ('completed', 'failed'))
  execute function ${ours}.note_job();
`

/** What a row of the outbox tells, as its columns have it where it has no body. */
export const notedBody = (row: string): string => `coalesce(${row}.body, case ${row}.kind
    when 'added' then jsonb_build_object(
      'name', ${row}.name, 'attempts', ${row}.max_attempts, 'parent', ${row}.parent_queue || ':' || ${row}.parent_id,
      'sha256', encode(${row}.content_sha256, 'hex'))
    when 'left' then jsonb_build_object(
      'name', ${row}.name, 'attempts', ${row}.max_attempts, 'made', ${row}.attempts_made, 'to', ${row}.state,
      'hasFailed', ${row}.has_failed, 'isStalled', ${row}.is_stalled, 'isDeferred', ${row}.is_deferred,
      'startedAt', ${row}.processed_at_ms, 'endedAt', ${row}.finished_at_ms, 'worker', ${row}.processed_by,
      'delay', ${row}.delay_ms, 'retryAt', ${row}.process_at_ms, 'error', ${boundedError(`${row}.failed_reason`)},
      'sha256', encode(${row}.content_sha256, 'hex'), 'bytes', ${row}.content_bytes)
    when 'removed' then jsonb_build_object('from', ${row}.old_state)
    when 'taken_up' then jsonb_build_object('from', ${row}.old_state)
  end, '{}')`
