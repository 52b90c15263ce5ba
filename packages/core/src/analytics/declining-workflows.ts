import { sql } from 'kysely'
import { compose, fetchRows } from '../trail/compose.ts'
import { ofExecutions, type Report } from './report.ts'
import { auditsOf } from './sources.ts'

const middle = (since: string, until: string): string =>
  new Date((Date.parse(since) + Date.parse(until)) / 2).toISOString()

const rate = (isLate: 'is_late' | 'not is_late') =>
  sql<number>`avg((outcome = 'success')::int) filter (where ${sql.raw(isLate)})::float8`

/** Which workflows succeed less than they did. */
export const decliningWorkflows: Report = {
  ...ofExecutions,
  slug: 'declining-workflows',
  about: 'Workflows that succeeded less often in the second half of the time than in the first.',
  columns: [
    { name: 'workflow_name', kind: 'text' },
    { name: 'executions_before', kind: 'count' },
    { name: 'executions_after', kind: 'count' },
    { name: 'success_rate_before', kind: 'share' },
    { name: 'success_rate_after', kind: 'share' },
    { name: 'change', kind: 'change' },
  ],
  read: (reader, scope) =>
    fetchRows(
      reader,
      compose
        .selectFrom(
          auditsOf(scope)
            .select([
              'audit.workflow_name',
              'audit.outcome',
              sql<boolean>`audit.created_at >= ${middle(scope.since, scope.until)}::timestamptz`.as(
                'is_late',
              ),
            ])
            .as('audit'),
        )
        .groupBy('workflow_name')
        .having(sql<boolean>`${rate('is_late')} < ${rate('not is_late')}`)
        .select([
          'workflow_name',
          sql<number>`count(*) filter (where not is_late)`.as('executions_before'),
          sql<number>`count(*) filter (where is_late)`.as('executions_after'),
          rate('not is_late').as('success_rate_before'),
          rate('is_late').as('success_rate_after'),
          sql<number>`${rate('is_late')} - ${rate('not is_late')}`.as('change'),
        ])
        .orderBy('change')
        .orderBy('workflow_name')
        .limit(scope.limit),
    ),
}
