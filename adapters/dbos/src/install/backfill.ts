import type { DbosSchemas } from './place.ts'
import { stepBody, workflowBody } from './tables.ts'

/**
 * What DBOS still knows of what happened before: each workflow, the outcomes of its steps, and how it ended, in that
 * order. Attempts it does not know. The ids are below those of what happens meanwhile, and so come before it.
 */
export const backfill = (schemas: DbosSchemas): string => `
insert into ${schemas.ours}.outbox (id, workflow_id, kind, at, body)
overriding system value
select row_number() over (order by began_at, workflow_id, part, step) - ${idsBelow}, workflow_id, kind, at,
       body || '{"isBackfilled": true}'
from (
  select workflow.workflow_uuid as workflow_id, workflow.created_at as began_at, 0 as part, 0 as step,
         'workflow' as kind, workflow.created_at as at, ${workflowBody('workflow')} as body
  from ${schemas.theirs}.workflow_status as workflow
  union all
  select workflow.workflow_uuid, workflow.created_at, 1, step.function_id,
         'step', coalesce(step.completed_at_epoch_ms, workflow.updated_at), ${stepBody('step', schemas)}
  from ${schemas.theirs}.workflow_status as workflow
  join ${schemas.theirs}.operation_outputs as step using (workflow_uuid)
  union all
  select workflow.workflow_uuid, workflow.created_at, 2, 0,
         'status', coalesce(workflow.completed_at, workflow.updated_at),
         jsonb_build_object(
           'from', 'PENDING', 'to', workflow.status, 'completedAt', workflow.completed_at)
  from ${schemas.theirs}.workflow_status as workflow
  where workflow.status not in ('PENDING', 'ENQUEUED', 'DELAYED')
) as history`

/** Room for as many rows; those that triggers write are numbered from 1 on. */
const idsBelow = '1000000000000000'
