import { sql } from 'kysely'
import { compose, fetchRows } from '../trail/compose.ts'
import { errorPattern } from './error-pattern.ts'
import { ofExecutions, type Report } from './report.ts'
import type { ReportScope } from './report-request.ts'
import { auditsOf } from './sources.ts'

/** Which workflows fail, and with which errors. */
export const failingWorkflows: Report = {
  ...ofExecutions,
  slug: 'failing-workflows',
  about: 'Workflows by how often they failed, with their errors; numbers and ids in these are masked.',
  windowDays: 7,
  columns: [
    { name: 'workflow_name', kind: 'text' },
    { name: 'failure_count', kind: 'count' },
    { name: 'avg_failed_steps', kind: 'number' },
    { name: 'error_patterns', kind: 'list' },
  ],
  read: (reader, scope) => fetchRows(reader, failuresOf(scope)),
}

/** Of each workflow the ten patterns that occur most. */
const failuresOf = (scope: ReportScope) =>
  compose
    .with('failure', () =>
      auditsOf(scope)
        .where('audit.outcome', '=', 'failed')
        .select((eb) => [
          'audit.workflow_name',
          'audit.steps_failed',
          errorPattern(eb.ref('audit.error_message')).as('pattern'),
        ]),
    )
    .with('pattern', (db) =>
      db
        .selectFrom('failure')
        .where('pattern', 'is not', null)
        .groupBy(['workflow_name', 'pattern'])
        .select([
          'workflow_name',
          'pattern',
          sql<number>`count(*)`.as('count'),
          sql<number>`row_number() over (partition by workflow_name order by count(*) desc, pattern)`.as(
            'place',
          ),
        ]),
    )
    .with('workflow', (db) =>
      db
        .selectFrom('failure')
        .groupBy('workflow_name')
        .select([
          'workflow_name',
          sql<number>`count(*)`.as('failure_count'),
          sql<number>`avg(steps_failed)::float8`.as('avg_failed_steps'),
        ]),
    )
    .selectFrom('workflow')
    .select((eb) => [
      'workflow.workflow_name',
      'workflow.failure_count',
      'workflow.avg_failed_steps',
      eb
        .selectFrom('pattern')
        .whereRef('pattern.workflow_name', '=', 'workflow.workflow_name')
        .where('pattern.place', '<=', 10)
        .select(
          sql<readonly { readonly pattern: string; readonly count: number }[]>`coalesce(
            json_agg(json_build_object('pattern', pattern, 'count', count) order by place), '[]')`.as(
            'patterns',
          ),
        )
        .as('error_patterns'),
    ])
    .orderBy('failure_count', 'desc')
    .orderBy('workflow.workflow_name')
    .limit(scope.limit)
