import type { OperationType } from '@steptrail/event'
import { sql } from 'kysely'
import { compose } from '../trail/compose.ts'
import type { ReportScope } from './report-request.ts'

/** The audits of a report: of each execution its last end, and what other engines reported. */
export function auditsOf({ since, until, workflowName, tenant }: ReportScope) {
  return compose
    .selectFrom('workflow_execution_audit as audit')
    .where('audit.created_at', '>=', since)
    .where('audit.created_at', '<', until)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('workflow_execution_audit as later')
            .whereRef('later.execution_id', '=', 'audit.execution_id')
            .whereRef('later.supersedes_seq', '=', 'audit.ended_seq')
            .where('later.supersedes_seq', 'is not', null),
        ),
      ),
    )
    .$if(workflowName !== undefined, (statement) =>
      statement.where('audit.workflow_name', '=', workflowName ?? ''),
    )
    .$if(tenant !== undefined, (statement) => statement.where('audit.tenant', '=', tenant ?? ''))
}

/** The events of these types that a report is made from. */
export function eventsOf(
  { since, until, workflowName, tenant, operation }: ReportScope,
  types: readonly [string, ...string[]],
) {
  return compose
    .selectFrom('audit_event as event')
    .where('event.event_type', 'in', types)
    .where('event.timestamp', '>=', since)
    .where('event.timestamp', '<', until)
    .$if(workflowName !== undefined, (statement) =>
      statement.where('event.workflow_name', '=', workflowName ?? ''),
    )
    .$if(tenant !== undefined, (statement) => statement.where('event.tenant', '=', tenant ?? ''))
    .$if(operation !== undefined, (statement) =>
      statement.where('event.operation_type', '=', operation ?? 'DO'),
    )
}

/** The steps in the audits of a report, DO and UNDO apart: each DO from its audit, each UNDO from its last event. */
export function stepsOf(scope: ReportScope) {
  const { operation } = scope
  const forward = auditsOf(scope)
    .innerJoinLateral(
      sql<StepElement>`jsonb_array_elements(audit.step_executions)`.as<'step'>(sql`step(element)`),
      (join) => join.onTrue(),
    )
    .where(sql<boolean>`${operation ?? 'DO'}::text = 'DO'`)
    .select([
      'audit.workflow_name',
      sql<string>`element ->> 'action'`.as('action_type'),
      sql<OperationType>`'DO'`.as('operation_type'),
      sql<number>`(element ->> 'duration')::float8`.as('duration_ms'),
      sql<number>`(element ->> 'retries_attempted')::int`.as('retries'),
      sql<boolean>`element ->> 'status' = 'failed'`.as('has_failed'),
    ])
  const backward = eventsOf({ ...scope, operation: 'UNDO' }, ['STEP_SUCCESS', 'STEP_FAILED'])
    .where(sql<boolean>`${operation ?? 'UNDO'}::text = 'UNDO'`)
    .where((eb) => eb.or([eb('event.event_type', '=', 'STEP_SUCCESS'), eb('event.severity', '=', 'error')]))
    .select([
      sql<string>`coalesce(event.workflow_name, '')`.as('workflow_name'),
      sql<string>`event.step_name`.as('action_type'),
      sql<OperationType>`'UNDO'`.as('operation_type'),
      sql<number>`event.total_duration_ms::float8`.as('duration_ms'),
      sql<number>`coalesce(event.retry_count, 0)`.as('retries'),
      sql<boolean>`event.event_type = 'STEP_FAILED'`.as('has_failed'),
    ])
  return forward.unionAll(backward)
}

/** What `jsonb_array_elements` gives. */
interface StepElement {
  readonly element: string
}
