import { sql } from 'kysely'
import { compose, fetchRows } from '../trail/compose.ts'
import type { Report } from './report.ts'

/** The retries of one execution. Its events are all it looks at, so the window does not matter. */
export const stepRetries: Report = {
  slug: 'step-retries',
  about: 'The retries of one execution by step, and how long they waited on average.',
  windowDays: 30,
  limit: 1000,
  takes: ['operation', 'executionId'],
  requires: ['executionId'],
  columns: [
    { name: 'step_name', kind: 'text' },
    { name: 'operation_type', kind: 'text' },
    { name: 'retry_count', kind: 'count' },
    { name: 'avg_backoff_ms', kind: 'milliseconds' },
  ],
  read: (reader, { executionId = '', operation, workflowName, tenant, limit }) =>
    fetchRows(
      reader,
      compose
        .selectFrom('audit_event')
        .where('execution_id', '=', executionId)
        .where('event_type', '=', 'STEP_RETRY_TRIGGERED')
        .$if(operation !== undefined, (all) => all.where('operation_type', '=', operation ?? 'DO'))
        .$if(workflowName !== undefined, (all) => all.where('workflow_name', '=', workflowName ?? ''))
        .$if(tenant !== undefined, (all) => all.where('tenant', '=', tenant ?? ''))
        .groupBy(['step_name', 'operation_type'])
        .select([
          'step_name',
          'operation_type',
          sql<number>`count(*)`.as('retry_count'),
          sql<number>`avg((details ->> 'backoffMs')::int)::float8`.as('avg_backoff_ms'),
        ])
        .orderBy('retry_count', 'desc')
        .orderBy('step_name')
        .orderBy('operation_type')
        .limit(limit),
    ),
}
