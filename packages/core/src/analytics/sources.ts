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
