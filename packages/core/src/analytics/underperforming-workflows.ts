import { sql } from 'kysely'
import { fetchRows } from '../trail/compose.ts'
import { ofExecutions, type Report } from './report.ts'
import { auditsOf } from './sources.ts'

const successRate = sql<number>`avg((audit.outcome = 'success')::int)::float8`
const expected = sql<number>`workflow.expected_success_rate`

/** Which workflows succeed less often than their owners expect. */
export const underperformingWorkflows: Report = {
  ...ofExecutions,
  slug: 'underperforming-workflows',
  about: 'Versions that succeed less often than the catalogue expects of them, the furthest below first.',
  columns: [
    { name: 'workflow_name', kind: 'text' },
    { name: 'workflow_version', kind: 'text' },
    { name: 'execution_count', kind: 'count' },
    { name: 'expected_success_rate', kind: 'share' },
    { name: 'success_rate', kind: 'share' },
    { name: 'change', kind: 'change' },
  ],
  read: (reader, scope) =>
    fetchRows(
      reader,
      auditsOf(scope)
        .innerJoin('workflow_catalog as workflow', (join) =>
          join
            .onRef('workflow.tenant', '=', 'audit.tenant')
            .onRef('workflow.workflow_name', '=', 'audit.workflow_name')
            .onRef('workflow.version', '=', 'audit.workflow_version'),
        )
        .where('workflow.expected_success_rate', 'is not', null)
        // Of several tenants each has its own catalogue, and its own expectation.
        .groupBy(['audit.tenant', 'audit.workflow_name', 'audit.workflow_version', expected])
        .having(sql<boolean>`${successRate} < ${expected}`)
        .select([
          'audit.workflow_name',
          'audit.workflow_version',
          sql<number>`count(*)`.as('execution_count'),
          expected.as('expected_success_rate'),
          successRate.as('success_rate'),
          sql<number>`${successRate} - ${expected}`.as('change'),
        ])
        .orderBy('change')
        .orderBy('audit.workflow_name')
        .orderBy('audit.workflow_version')
        .limit(scope.limit),
    ),
}
