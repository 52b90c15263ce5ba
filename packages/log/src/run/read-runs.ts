import type { Query } from '@steptrail/core'
import type {
  RunAudit,
  RunDefinition,
  RunEvent,
  RunExecution,
  RunRecord,
  RunStep,
  RunTransition,
} from '@steptrail/verify'

/** Everything on record of these executions, in the order of their ids. Read it in one snapshot of the database. */
export async function readRuns(query: Query, executionIds: readonly string[]): Promise<readonly RunRecord[]> {
  const wanted = [executionIds]
  const executions = await query<RunExecution & { definition: RunDefinition | null }>(
    selectExecutions,
    wanted,
  )
  const steps = ownedBy(await query<RunStep & Owned>(selectSteps, wanted))
  const transitions = ownedBy(await query<RunTransition & Owned>(selectTransitions, wanted))
  const audits = ownedBy(await query<RunAudit & Owned>(selectAudits, wanted))
  const events = ownedBy(await query<RunEvent & Owned>(selectEvents, wanted))
  return executions.rows.map(({ definition, ...execution }) => {
    const { execution_id: id } = execution
    return {
      execution,
      definition,
      steps: steps(id),
      transitions: transitions(id),
      audits: audits(id),
      events: events(id),
    }
  })
}

/** The next executions after an id, in the order of ids; from the first where it is null. */
export async function nextExecutions(
  query: Query,
  { after, since, limit }: { after: string | null; since: string | null; limit: number },
): Promise<readonly string[]> {
  const { rows } = await query<{ execution_id: string }>(
    `select execution_id
     from workflow_executions
     where ($1::uuid is null or execution_id > $1::uuid)
       and ($2::timestamptz is null or coalesce(last_event_at, created_at) >= $2::timestamptz)
     order by execution_id
     limit $3`,
    [after, since, limit],
  )
  return rows.map(({ execution_id: id }) => id)
}

interface Owned {
  readonly owner: string
}

function ownedBy<Row extends Owned>({ rows }: { readonly rows: readonly Row[] }) {
  const byOwner = Map.groupBy(rows, ({ owner }) => owner)
  return (id: string): readonly Omit<Row, 'owner'>[] =>
    (byOwner.get(id) ?? []).map(({ owner: _owner, ...row }) => row)
}

const selectExecutions = `
select execution.execution_id, execution.engine, execution.status, execution.definition_hash, execution.next_seq,
       execution.input, execution.output, definition.definition
from workflow_executions as execution
left join workflow_definitions as definition using (definition_hash)
where execution.execution_id = any($1::uuid[])
order by execution.execution_id`

const selectSteps = `
select execution_id as owner, workflow_step_uuid, name, operation_type, status, attempt, last_sort_key, output
from workflow_steps
where execution_id = any($1::uuid[])
order by execution_id, step_index, operation_type`

const selectTransitions = `
select execution_id as owner, workflow_step_transition_uuid, workflow_step_uuid, from_state, to_state, sort_key,
       metadata
from workflow_step_transitions
where execution_id = any($1::uuid[])
order by workflow_step_uuid, sort_key`

const selectAudits = `
select task_uuid as owner, workflow_step_transition_uuid, workflow_step_uuid, task_uuid, worker_uuid, success
from workflow_step_result_audit
where task_uuid = any($1::uuid[])
order by workflow_step_transition_uuid`

const selectEvents = `
select event.execution_id as owner, event.id, event."timestamp", event.execution_seq, event.event_type,
       event.entity_type, event.step_id, event.step_name, event.operation_type, event.retry_count,
       coalesce(event.details, '{}') as details, erasure.event_id is not null as is_erased
from audit_event as event
left join log_erasures as erasure on erasure.event_id = event.id
where event.execution_seq is not null
  and event.execution_id = any($1::uuid[]::text[])
order by event.execution_seq, event.id`
