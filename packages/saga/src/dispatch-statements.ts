/** Makes a worker known, or known anew; gives no row for one that is another tenant’s. */
export const upsertWorker = `
insert into workflow_workers as worker (
  worker_uuid, service_name, implements, host, pid, version, lease_ms, registered_at, last_seen_at, lease_until, tenant)
select $1, $2, $3::text::jsonb, $4, $5, $6, $7::bigint, instant.now, instant.now,
       instant.now + $7::bigint * interval '1 millisecond', $9
from (select date_trunc('milliseconds', coalesce($8::timestamptz, clock_timestamp())) as now) as instant
on conflict (worker_uuid) do update
set implements = excluded.implements,
    lease_ms = excluded.lease_ms,
    last_seen_at = excluded.last_seen_at,
    lease_until = excluded.lease_until
where worker.tenant = excluded.tenant
returning worker_uuid`

/** Renews a lease; gives the attempts that are still held, and how long each may take. */
export const renewLease = `
with instant as (
  select date_trunc('milliseconds', coalesce($4::timestamptz, clock_timestamp())) as now
), renewed as (
  update workflow_workers as worker
  set last_seen_at = instant.now,
      lease_until = instant.now + worker.lease_ms * interval '1 millisecond'
  from instant
  where worker.worker_uuid = $1
    and ($5::text is null or worker.tenant = $5)
  returning 1
)
select still.attempt_token, still.timeout_ms
from renewed
left join (
  select step.attempt_token, step.timeout_ms
  from unnest($2::uuid[], $3::uuid[]) as held(workflow_step_uuid, attempt_token)
  join workflow_steps as step using (workflow_step_uuid, attempt_token)
  join workflow_executions as execution using (execution_id)
  where step.status = 'in_progress'
    and not (step.operation_type = 'DO' and execution.status = 'rolling_back')
) as still on true`

/** Attempts that a worker holds, and has not named for longer than its lease. */
export const selectForgotten = `
select step.workflow_step_uuid as step_id, step.attempt_token
from workflow_steps as step
join workflow_workers as worker using (worker_uuid)
join workflow_executions as execution using (execution_id)
where step.worker_uuid = $1
  and ($4::text is null or (worker.tenant = $4 and step.tenant = $4))
  and step.status = 'in_progress'
  and not (step.operation_type = 'DO' and execution.status = 'rolling_back')
  and step.attempt_token <> all($2::uuid[])
  and step.attempt_started_at
        < coalesce($3::timestamptz, clock_timestamp()) - worker.lease_ms * interval '1 millisecond'`

/** Which of these executions are a tenant’s. */
export const selectOwn = `
select execution_id
from workflow_executions
where execution_id = any($1::uuid[])
  and tenant = $2`

/** The executions of steps; of one tenant, where one is given. */
export const selectExecutions = `
select workflow_step_uuid, execution_id
from workflow_steps
where workflow_step_uuid = any($1::uuid[])
  and ($2::text is null or tenant = $2)`

/** The places of those pairs of step and execution that do not belong together, or are another engine's. */
export const selectMisdirected = `
select named.place
from unnest($1::uuid[], $2::uuid[]) with ordinality as named(step_id, execution_id, place)
where not exists (
  select from workflow_steps as step
  join workflow_executions as execution using (execution_id)
  where step.workflow_step_uuid = named.step_id
    and step.execution_id = named.execution_id
    and execution.engine = 'steptrail'
)`

/** Ends the lease of a worker. */
export const endLease = `
update workflow_workers
set lease_until = date_trunc('milliseconds', coalesce($2::timestamptz, clock_timestamp()))
where worker_uuid = $1
  and ($3::text is null or tenant = $3)`
