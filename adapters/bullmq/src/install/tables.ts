import type { BullmqSchemas } from './place.ts'

/** Raised with every change of what is installed: another version is installed over it. */
export const installedVersion = 1

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
  body jsonb not null
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

/**
 * The triggers by which nothing that BullMQ persists is missed. A job that begins an attempt fires none: what it leaves
 * says when it began. May be run again.
 */
export const triggers = ({ ours, theirs }: BullmqSchemas): string => `
create or replace function ${ours}.note_job()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if tg_op = 'INSERT' then
    insert into ${ours}.outbox (queue, job_id, added_at, kind, body)
    values (new.queue, new.id, new.added_at_ms, 'added', ${addedBody('new')});
  elsif tg_op = 'DELETE' then
    insert into ${ours}.outbox (queue, job_id, added_at, kind, body)
    values (old.queue, old.id, old.added_at_ms, 'removed', jsonb_build_object('from', old.state));
  elsif old.state = 'active' then
    insert into ${ours}.outbox (queue, job_id, added_at, kind, body)
    values (new.queue, new.id, new.added_at_ms, 'left', ${leftBody('old', 'new')});
  else
    insert into ${ours}.outbox (queue, job_id, added_at, kind, body)
    values (new.queue, new.id, new.added_at_ms, 'taken_up', jsonb_build_object('from', old.state));
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

/** What is noted of a job when it is added; of its data, the SHA-256. */
export const addedBody = (row: string): string => `jsonb_build_object(
      'name', ${row}.name, 'attempts', ${row}.max_attempts,
      'parent', ${row}.parent_queue || ':' || ${row}.parent_id,
      'sha256', encode(sha256(convert_to(${row}.data::text, 'UTF8')), 'hex'))`

/** What is noted of a job when an attempt of it has ended, whichever way. */
export const leftBody = (before: string, after: string): string => `jsonb_build_object(
      'name', ${after}.name, 'attempts', ${after}.max_attempts, 'made', ${after}.attempts_made,
      'to', ${after}.state,
      'hasFailed', ${after}.state <> 'completed' and ${after}.attempts_made > ${before}.attempts_made,
      'isStalled', ${after}.stalled_count > ${before}.stalled_count,
      'isDeferred', ${before}.deferred_failure is not null,
      'startedAt', ${before}.processed_at_ms, 'endedAt', ${after}.finished_at_ms, 'worker', ${before}.processed_by,
      'delay', ${after}.delay_ms, 'retryAt', ${after}.process_at_ms,
      'error', ${after}.failed_reason,
      'sha256', encode(sha256(convert_to(${after}.return_value::text, 'UTF8')), 'hex'),
      'bytes', octet_length(${after}.return_value::text))`
