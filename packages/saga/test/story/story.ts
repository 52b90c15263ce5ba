import type { Database } from '@steptrail/core'
import type { OperationType } from '@steptrail/event'
import type { ExecutionState, StepState, WorkflowDefinition } from '@steptrail/workflow'

/** Everything that is stored of one execution. */
export interface Story {
  readonly execution: ExecutionRow
  readonly definition: WorkflowDefinition
  /** In the order in which they came to be. */
  readonly steps: readonly StepRow[]
  /** Of all steps, by step and sort key. */
  readonly transitions: readonly TransitionRow[]
  readonly audits: readonly AuditRow[]
  /** By sequence number. */
  readonly events: readonly EventRow[]
}

/** An execution as it stands. */
export interface ExecutionRow {
  readonly execution_id: string
  readonly status: ExecutionState
  readonly next_seq: number
  readonly last_event_at: string | null
  readonly completed_at: string | null
}

/** An operation of a step as it stands. */
export interface StepRow {
  readonly workflow_step_uuid: string
  readonly name: string
  readonly operation_type: OperationType
  readonly undoes_step_uuid: string | null
  readonly status: StepState
  readonly attempt: number
  readonly last_sort_key: number
}

/** One change of a step's state. */
export interface TransitionRow {
  readonly workflow_step_transition_uuid: string
  readonly workflow_step_uuid: string
  readonly execution_id: string
  readonly from_state: StepState | null
  readonly to_state: StepState
  readonly sort_key: number
  readonly metadata: Readonly<Record<string, unknown>>
}

/** The audit of one reported result. */
export interface AuditRow {
  readonly workflow_step_transition_uuid: string
  readonly workflow_step_uuid: string
  readonly task_uuid: string
  readonly worker_uuid: string | null
  readonly success: boolean
}

/** One numbered event. */
export interface EventRow {
  readonly execution_seq: number
  readonly timestamp: string
  readonly event_type: string
  readonly entity_type: string
  readonly step_id: string | null
  readonly step_name: string | null
  readonly operation_type: OperationType | null
  readonly retry_count: number | null
  readonly actor_id: string | null
  readonly reason: string | null
  readonly details: Readonly<Record<string, unknown>>
}

/** Reads the stories of these executions, or of all that are in the database, in one snapshot of it. */
export async function readStories(
  database: Database,
  executionIds: readonly string[] | null = null,
): Promise<readonly Story[]> {
  return await database.transaction(
    async (tx) => {
      const wanted = [executionIds]
      const executions = await tx<ExecutionRow & { definition: WorkflowDefinition }>(selectExecutions, wanted)
      const steps = await tx<StepRow & Owned>(selectSteps, wanted)
      const transitions = await tx<TransitionRow & Owned>(selectTransitions, wanted)
      const audits = await tx<AuditRow & Owned>(selectAudits, wanted)
      const events = await tx<EventRow & Owned>(selectEvents, wanted)
      const owned = [steps, transitions, audits, events].map(({ rows }) =>
        Map.groupBy<string, Owned>(rows, ({ owner }) => owner),
      )
      return executions.rows.map(({ definition, ...execution }) => {
        const [ownSteps, ownTransitions, ownAudits, ownEvents] = owned.map(
          (rows) => rows.get(execution.execution_id) ?? [],
        )
        return {
          execution,
          definition,
          steps: ownSteps as unknown as readonly StepRow[],
          transitions: ownTransitions as unknown as readonly TransitionRow[],
          audits: ownAudits as unknown as readonly AuditRow[],
          events: ownEvents as unknown as readonly EventRow[],
        }
      })
    },
    { isolation: 'repeatable read', readOnly: true },
  )
}

interface Owned {
  readonly owner: string
}

const selectExecutions = `
select execution.execution_id, execution.status, execution.next_seq, execution.last_event_at,
       execution.completed_at, definition.definition
from workflow_executions as execution
join workflow_definitions as definition using (definition_hash)
where $1::uuid[] is null
   or execution.execution_id = any($1::uuid[])
order by execution.execution_id`

const selectSteps = `
select execution_id as owner, *
from workflow_steps
where $1::uuid[] is null
   or execution_id = any($1::uuid[])
order by step_index, operation_type`

const selectTransitions = `
select step.execution_id as owner, transition.*
from workflow_step_transitions as transition
join workflow_steps as step using (workflow_step_uuid)
where $1::uuid[] is null
   or step.execution_id = any($1::uuid[])
order by transition.workflow_step_uuid, transition.sort_key`

const selectAudits = `
select step.execution_id as owner, audit.*
from workflow_step_result_audit as audit
join workflow_steps as step using (workflow_step_uuid)
where $1::uuid[] is null
   or step.execution_id = any($1::uuid[])
order by audit.recorded_at`

const selectEvents = `
select execution_id as owner, *
from audit_event
where execution_seq is not null
  and ($1::uuid[] is null or execution_id in (select unnest($1::uuid[])::text))
order by execution_seq, id`
