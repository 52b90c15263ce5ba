-- Ways to read the trail: the timeline of an execution, the seeds' column names, and the identity of the feed.

create view v_execution_timeline
with (security_invoker = true)
as
select
  execution_id,
  execution_seq,
  "timestamp",
  (
    extract(
      epoch from "timestamp" - lag("timestamp") over timeline
    ) * 1000
  )::bigint as gap_ms,
  (
    extract(
      epoch from "timestamp" - first_value("timestamp") over timeline
    ) * 1000
  )::bigint as running_ms,
  event_type,
  entity_type,
  status,
  severity,
  workflow_name,
  workflow_version,
  step_name,
  step_id,
  operation_type,
  service_name,
  duration_ms,
  retry_count,
  correlation_id,
  actor_type,
  actor_id,
  action,
  reason,
  message,
  details,
  id,
  parent_event_id,
  tenant
from audit_event
where execution_id is not null
window timeline as (partition by execution_id order by "timestamp", execution_seq, id)
order by execution_id, "timestamp", execution_seq, id;

comment on view v_execution_timeline is
  'The events of each execution in the order of execution_seq; those that have none stand where their timestamp puts them.';
comment on column v_execution_timeline.gap_ms is 'Milliseconds since the event before; null for the first.';
comment on column v_execution_timeline.running_ms is 'Milliseconds since the first event.';

create view audit_events
with (security_invoker = true)
as
select
  id as event_id,
  "timestamp" as event_timestamp,
  ("timestamp" at time zone 'UTC')::date as event_date,
  event_type,
  service_name as service,
  correlation_id,
  actor_id as user_id,
  resource_type,
  resource_id,
  action,
  outcome.word as outcome,
  severity,
  details as event_data,
  duration_ms,
  id,
  "timestamp",
  coalesce(service_name, 'system') as source,
  actor_id as operator,
  coalesce(action, event_type) as operation_type,
  outcome.word as result,
  message,
  details as extra_info
from audit_event
cross join lateral (
  select case
    when status = 'SUCCESS' then 'success'
    when status = 'WARNING' then 'warning'
    when status = 'FAILED' or severity in ('error', 'critical') then 'failure'
    else 'success'
  end as word
) as outcome;

comment on view audit_events is 'The events under the column names that other audit tables use.';

create table feed_identity (
  singleton boolean not null default true,
  feed_uuid uuid not null default gen_random_uuid(),
  constraint there_is_one_feed primary key (singleton),
  constraint the_feed_is_the_only_row check (singleton)
);

insert into feed_identity default values;

comment on table feed_identity is 'What names the feed of this schema. One row.';
comment on column feed_identity.singleton is 'True: there is one row.';
comment on column feed_identity.feed_uuid is 'Made with the schema; goes with it into a dump.';

create function feed_generation()
returns text
language sql
stable
return (
  select concat_ws(
    '.',
    feed_uuid,
    (select system_identifier from pg_control_system()),
    (select oid from pg_database where datname = current_database()),
    case
      when pg_is_in_recovery() then (select timeline_id from pg_control_checkpoint())
      else ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int
    end
  )
  from feed_identity
);

comment on function feed_generation() is
  'Changes when transaction ids start anew or fork: with a restored dump, a move, a copied database, a new timeline.';
