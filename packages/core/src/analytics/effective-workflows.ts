import { sql } from 'kysely'
import { fetchRows } from '../trail/compose.ts'
import { ofExecutions, type Report } from './report.ts'
import { auditsOf } from './sources.ts'

/** Which workflows go best. */
export const effectiveWorkflows: Report = {
  ...ofExecutions,
  slug: 'effective-workflows',
  about: 'Workflows by the effectiveness of their successful executions, the most effective first.',
  limit: 10,
  columns: [
    { name: 'workflow_name', kind: 'text' },
    { name: 'execution_count', kind: 'count' },
    { name: 'avg_effectiveness', kind: 'share' },
    { name: 'avg_steps', kind: 'number' },
    { name: 'avg_duration_seconds', kind: 'seconds' },
  ],
  read: (reader, scope) =>
    fetchRows(
      reader,
      auditsOf(scope)
        .where('audit.outcome', '=', 'success')
        .groupBy('audit.workflow_name')
        .select((eb) => [
          'audit.workflow_name',
          eb.fn.countAll<number>().as('execution_count'),
          eb.fn.avg<number | null>('audit.effectiveness_score').as('avg_effectiveness'),
          sql<number>`avg(audit.total_steps)::float8`.as('avg_steps'),
          sql<number | null>`avg(extract(epoch from audit.total_duration))::float8`.as(
            'avg_duration_seconds',
          ),
        ])
        .orderBy('avg_effectiveness', (order) => order.desc().nullsLast())
        .orderBy('audit.workflow_name')
        .limit(scope.limit),
    ),
}
