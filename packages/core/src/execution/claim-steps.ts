import { type Claim, claimOf } from '@steptrail/workflow'
import type { PreparedStatement, Query } from '../database/database.ts'
import { ensurePartitions, partitionsOf } from '../partition/ensure-partitions.ts'
import { type DefinitionCache, loadDefinitions } from './definitions.ts'
import { millisecondsOf, optionalIsoOf } from './instant.ts'
import {
  assemble,
  executionColumns,
  type ExecutionRow,
  type LoadedExecution,
  stepColumns,
  type StepRow,
} from './loaded-execution.ts'

/** Who claims, how much, and when. */
export interface ClaimRequest {
  readonly workerUuid: string
  readonly limit: number
  readonly definitions: DefinitionCache
  /** Only steps of this tenant. */
  readonly tenant?: string | undefined
  /** Milliseconds since 1970, instead of the database's clock. */
  readonly now?: number | undefined
}

/** What was claimed. */
export interface ClaimedSteps {
  /** Oldest first. */
  readonly claims: readonly Claim[]
  /** Their executions with the steps claimed, read without a lock. */
  readonly executions: readonly LoadedExecution[]
  /** When it was claimed, in milliseconds since 1970; null when nothing was. */
  readonly now: number | null
}

/**
 * Claims due steps for a worker, oldest first: `enqueued → in_progress`, with attempt + 1, a new token and the
 * transition in one statement. Only a worker whose lease holds gets any, and only what it said it implements.
 * A step goes to one claim at a time; what others are claiming is passed over,
 * and so is what belongs to a paused execution.
 */
export async function claimSteps(query: Query, request: ClaimRequest): Promise<ClaimedSteps> {
  // By the database's own clock the month is there: whoever holds the runtime's clock makes months ahead.
  if (request.now !== undefined) {
    await ensurePartitions(query, partitionsOf('workflow_step_transitions', [request.now]))
  }
  const { rows } = await query<ClaimedRow>(claimDueSteps, [
    request.workerUuid,
    request.limit,
    optionalIsoOf(request.now ?? null),
    request.tenant ?? null,
  ])
  await loadDefinitions(
    query,
    rows.map((row) => row.definition_hash),
    request.definitions,
  )
  const executions = rows.map((row) => assemble(row, stepsOf(row), request.definitions))
  const claimed = rows.flatMap((row, index) =>
    row.claimed.map((step) => ({ step, execution: executions[index] as LoadedExecution })),
  )
  return {
    executions,
    now: rows[0] ? millisecondsOf(rows[0].now) : null,
    claims: claimed
      .toSorted((one, other) => placeOf(one.step) - placeOf(other.step))
      .map(({ step, execution }) => claimOf(execution.snapshot, execution.tenant, step.workflow_step_uuid)),
  }
}

const placeOf = ({ place }: ClaimedStep): number => place

/** The steps as they were before the statement, and those claimed as it left them. */
function stepsOf({ steps, claimed }: ClaimedRow): readonly StepRow[] {
  const changes = new Map(claimed.map((step) => [step.workflow_step_uuid, step]))
  return steps.map((step) => ({ ...step, ...changes.get(step.workflow_step_uuid) }))
}

/** What a claim changes of a step. */
type ClaimedStep = Pick<
  StepRow,
  | 'workflow_step_uuid'
  | 'status'
  | 'attempt'
  | 'attempt_token'
  | 'worker_uuid'
  | 'attempt_started_at'
  | 'last_sort_key'
> & { readonly place: number }

type ClaimedRow = ExecutionRow & {
  readonly now: string
  readonly steps: readonly StepRow[]
  readonly claimed: readonly ClaimedStep[]
}

const claimDueSteps: PreparedStatement = {
  name: 'claim steps',
  text: `
with instant as materialized (
  select date_trunc('milliseconds', coalesce($3::timestamptz, clock_timestamp())) as now
), implemented as materialized (
  select wanted."workflowName" as workflow_name, wanted."workflowVersion" as workflow_version,
         wanted."stepName" as name
  from workflow_workers as worker, instant,
       jsonb_to_recordset(worker.implements)
         as wanted("workflowName" text, "workflowVersion" text, "stepName" text)
  where worker.worker_uuid = $1
    and ($4::text is null or worker.tenant = $4)
    and worker.lease_until > instant.now
), due as materialized (
  select step.workflow_step_uuid
  from workflow_steps as step
  join implemented using (workflow_name, workflow_version, name)
  join workflow_executions as execution using (execution_id)
  where step.status = 'enqueued'
    and execution.status <> 'paused'
    and ($4::text is null or execution.tenant = $4)
  order by step.enqueued_at, step.workflow_step_uuid
  limit $2
  for update of step skip locked
), claimed as (
  update workflow_steps as step
  set status = 'in_progress',
      attempt = step.attempt + 1,
      attempt_token = gen_random_uuid(),
      worker_uuid = $1,
      attempt_started_at = instant.now,
      timeout_at = instant.now + step.timeout_ms * interval '1 millisecond',
      last_sort_key = step.last_sort_key + 1
  from due, instant
  where step.workflow_step_uuid = due.workflow_step_uuid
    and step.status = 'enqueued'
  returning step.*
), recorded as (
  insert into workflow_step_transitions (
    workflow_step_uuid, execution_id, from_state, to_state, metadata, sort_key, tenant, created_at)
  select claimed.workflow_step_uuid, claimed.execution_id, 'enqueued', 'in_progress',
         jsonb_build_object(
           'attempt', claimed.attempt,
           'attempt_token', claimed.attempt_token,
           'worker_uuid', claimed.worker_uuid,
           'correlation_id', execution.correlation_id),
         claimed.last_sort_key, claimed.tenant, claimed.attempt_started_at
  from claimed
  join workflow_executions as execution using (execution_id)
), placed as (
  select claimed.*, row_number() over (order by claimed.enqueued_at, claimed.workflow_step_uuid) as place
  from claimed
), touched as (
  select placed.execution_id,
         json_agg(json_build_object(
           'workflow_step_uuid', placed.workflow_step_uuid, 'status', placed.status, 'attempt', placed.attempt,
           'attempt_token', placed.attempt_token, 'worker_uuid', placed.worker_uuid,
           'attempt_started_at', placed.attempt_started_at, 'last_sort_key', placed.last_sort_key,
           'place', placed.place)) as claimed
  from placed
  group by placed.execution_id
)
select ${executionColumns}, instant.now, touched.claimed, known.steps
from touched
join workflow_executions as execution using (execution_id)
cross join instant
cross join lateral (
  select json_agg(row_to_json(read) order by read.step_index) as steps
  from (
    select ${stepColumns}
    from workflow_steps as step
    where step.execution_id = touched.execution_id
  ) as read
) as known`,
}
