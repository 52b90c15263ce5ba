import type { OperationType } from '@steptrail/event'
import { ancestorsOf, type Claim } from '@steptrail/workflow'
import type { Json } from '@steptrail/verify'
import type { Query } from '../database/database.ts'
import { ensurePartitions, partitionsOf } from '../partition/ensure-partitions.ts'
import { optionalIsoOf } from './instant.ts'
import { type DefinitionCache, loadDefinitions } from './definitions.ts'

/** Who claims, how much, and when. */
export interface ClaimRequest {
  readonly workerUuid: string
  readonly limit: number
  readonly definitions: DefinitionCache
  /** Milliseconds since 1970, instead of the database's clock. */
  readonly now?: number | undefined
}

/**
 * Claims due steps for a worker, oldest first: `enqueued → in_progress`, with attempt + 1, a new token and the
 * transition in one statement. Only a worker whose lease holds gets any, and only what it said it implements.
 * A step goes to one claim at a time; what others are claiming is passed over,
 * and so is what belongs to a paused execution.
 */
export async function claimSteps(query: Query, request: ClaimRequest): Promise<readonly Claim[]> {
  // By the database's own clock the month is there: whoever holds the runtime's clock makes months ahead.
  if (request.now !== undefined) {
    await ensurePartitions(query, partitionsOf('workflow_step_transitions', [request.now]))
  }
  const { rows } = await query<ClaimedRow>(claimDueSteps, [
    request.workerUuid,
    request.limit,
    optionalIsoOf(request.now ?? null),
  ])
  await loadDefinitions(
    query,
    rows.map((row) => row.definition_hash),
    request.definitions,
  )
  return rows.map((row) => claimOf(row, request.definitions))
}

function claimOf(row: ClaimedRow, definitions: DefinitionCache): Claim {
  const definition = definitions.get(row.definition_hash)
  if (!definition) {
    throw new Error(`execution ${row.execution_id} is pinned to a definition that is not stored`)
  }
  const ancestors = ancestorsOf(definition, row.name)
  const known = Object.entries(row.outputs ?? {}).filter(([name]) => ancestors.has(name))
  return {
    executionId: row.execution_id,
    workflowName: row.workflow_name,
    workflowVersion: row.workflow_version,
    correlationId: row.correlation_id,
    tenant: row.tenant,
    stepId: row.workflow_step_uuid,
    stepName: row.name,
    operationType: row.operation_type,
    attempt: row.attempt,
    attemptToken: row.attempt_token,
    timeoutMs: row.timeout_ms,
    idempotencyKey: `${row.execution_id}:${row.name}`,
    input: row.input,
    outputs: Object.fromEntries(known),
    lastError: row.last_error,
    undoing: undoingOf(row),
  }
}

function undoingOf(row: ClaimedRow): Claim['undoing'] {
  if (row.operation_type === 'DO') return null
  return row.undone_status === 'complete' || row.undone_status === 'resolved_manually'
    ? { outcome: 'completed', output: row.undone_output }
    : { outcome: 'unknown' }
}

interface ClaimedRow {
  readonly execution_id: string
  readonly definition_hash: string
  readonly workflow_name: string
  readonly workflow_version: string
  readonly correlation_id: string
  readonly tenant: string
  readonly workflow_step_uuid: string
  readonly name: string
  readonly operation_type: OperationType
  readonly attempt: number
  readonly attempt_token: string
  readonly timeout_ms: number
  readonly last_error: string | null
  readonly input: Json
  readonly outputs: Readonly<Record<string, Json>> | null
  readonly undone_status: string | null
  readonly undone_output: Json
}

const claimDueSteps = `
with instant as materialized (
  select date_trunc('milliseconds', coalesce($3::timestamptz, clock_timestamp())) as now
), implemented as materialized (
  select wanted."workflowName" as workflow_name, wanted."workflowVersion" as workflow_version,
         wanted."stepName" as name
  from workflow_workers as worker, instant,
       jsonb_to_recordset(worker.implements)
         as wanted("workflowName" text, "workflowVersion" text, "stepName" text)
  where worker.worker_uuid = $1
    and worker.lease_until > instant.now
), due as materialized (
  select step.workflow_step_uuid
  from workflow_steps as step
  join implemented using (workflow_name, workflow_version, name)
  join workflow_executions as execution using (execution_id)
  where step.status = 'enqueued'
    and execution.status <> 'paused'
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
)
select claimed.execution_id, execution.definition_hash, claimed.workflow_name, claimed.workflow_version,
       execution.correlation_id, claimed.tenant, claimed.workflow_step_uuid, claimed.name,
       claimed.operation_type, claimed.attempt, claimed.attempt_token, claimed.timeout_ms, claimed.last_error, execution.input,
       (select jsonb_object_agg(done.name, done.output)
        from workflow_steps as done
        where done.execution_id = claimed.execution_id
          and done.operation_type = 'DO'
          and done.status in ('complete', 'skipped', 'resolved_manually')) as outputs,
       undone.status as undone_status, undone.output as undone_output
from claimed
join workflow_executions as execution using (execution_id)
left join workflow_steps as undone on undone.workflow_step_uuid = claimed.undoes_step_uuid
order by claimed.enqueued_at, claimed.workflow_step_uuid`
