import type { WrappedStep } from '../steps/attempt-log.ts'
import type { DbosSchemas } from '../install/place.ts'
import { boundedError, notedBody } from '../install/tables.ts'

/** A row of the outbox, with what DBOS has of the workflow's input, output and error. Times are milliseconds since 1970. */
export type OutboxRow = {
  readonly id: string
  readonly workflowId: string
  readonly at: number
} & (
  | { readonly kind: 'workflow'; readonly body: WorkflowBody }
  | { readonly kind: 'status'; readonly body: StatusBody }
  | { readonly kind: 'step'; readonly body: StepBody }
  | { readonly kind: 'deleted'; readonly body: Pick<StatusBody, 'from'> }
  | { readonly kind: 'attempt_started' | 'attempt_failed'; readonly body: AttemptBody }
)

/** A workflow that came to be. */
export interface WorkflowBody {
  readonly name: string
  readonly class: string | null
  readonly status: string
  readonly user: string | null
  readonly version: string | null
  readonly parent: string | null
  readonly createdAt: number
  readonly inputSha256?: string | null
  readonly isBackfilled?: true
}

/** A workflow that changed its status. */
export interface StatusBody {
  readonly from: string
  readonly to: string
  /** Of one that has ended: absent where DBOS has what came of it no more, as when it was deleted or rewound since. */
  readonly outcome?: { readonly error: string | null; readonly outputSha256: string | null }
}

/** A step whose outcome DBOS has recorded. */
export interface StepBody {
  readonly step: number
  readonly name: string | null
  readonly error: string | null
  readonly startedAt: number | null
  readonly completedAt: number | null
  readonly sha256: string | null
  readonly bytes: number | null
  /** Done by the workflow that this one was forked from; null where DBOS has the workflow no more, and cannot tell. */
  readonly isCopied: boolean | null
  readonly isBackfilled?: true
}

/** An attempt, as its wrapper saw it. */
export interface AttemptBody extends WrappedStep {
  readonly step: number
  readonly workerUuid: string
  readonly startedAt: number
  readonly error?: { readonly message: string; readonly code?: string }
  readonly retryInMs?: number | null
}

/** The oldest rows of the outbox, as `OutboxRow`. */
export const selectOutbox = (schemas: DbosSchemas): string => {
  const { ours, theirs } = schemas
  return `
select note.id::text as id, note.workflow_id as "workflowId", note.kind, note.at::float8 as at,
       ${notedBody('note')} || coalesce(more.body, '{}') as body
from (select * from ${ours}.outbox order by id limit $1) as note
left join lateral (
  select jsonb_build_object('inputSha256', encode(sha256(convert_to(given.inputs, 'UTF8')), 'hex')) as body
  from (
    select ${payloadOf('inputs')} as inputs
    from ${theirs}.workflow_status as workflow
    left join ${theirs}.workflow_input as kept using (workflow_uuid)
    where note.kind = 'workflow'
      and workflow.workflow_uuid = note.workflow_id
  ) as given
  union all
  select jsonb_build_object('outcome', jsonb_build_object(
           'error', ${boundedError('given.error', schemas)},
           'outputSha256', encode(sha256(convert_to(given.output, 'UTF8')), 'hex')))
  from (
    select ${payloadOf('error')} as error, ${payloadOf('output')} as output
    from ${theirs}.workflow_status as workflow
    left join ${theirs}.workflow_output as kept using (workflow_uuid)
    where note.kind = 'status'
      and workflow.workflow_uuid = note.workflow_id
      and workflow.status in ('SUCCESS', 'ERROR')
      and workflow.status = coalesce(note.body ->> 'to', note.status)
      and coalesce((note.body ->> 'completedAt')::bigint, note.completed_at_epoch_ms, workflow.completed_at)
          is not distinct from workflow.completed_at
  ) as given
  union all
  select jsonb_build_object('isCopied', (
    select workflow.forked_from is not null
       and workflow.created_at >= coalesce((note.body ->> 'recordedAt')::bigint, note.created_at, 0)
    from ${theirs}.workflow_status as workflow
    where workflow.workflow_uuid = note.workflow_id))
  where note.kind = 'step'
) as more on true
order by note.id`
}

/** Earlier versions of DBOS kept it with the status, where later ones may have no such column any more. */
const payloadOf = (name: string): string =>
  `case when kept.workflow_uuid is null then to_jsonb(workflow) ->> '${name}' else kept.${name} end`
