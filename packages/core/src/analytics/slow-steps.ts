import { sql } from 'kysely'
import { compose, fetchRows } from '../trail/compose.ts'
import { distributionColumns, distributionOf } from './distribution.ts'
import { ofExecutions, type Report } from './report.ts'
import { stepsOf } from './sources.ts'

/** Which steps take long, all their attempts and delays together. */
export const slowSteps: Report = {
  ...ofExecutions,
  slug: 'slow-steps',
  about: 'Steps by how long they took from start to outcome, retries and delays included, the slowest first.',
  windowDays: 7,
  limit: 20,
  takes: ['operation'],
  columns: [
    { name: 'workflow_name', kind: 'text' },
    { name: 'action_type', kind: 'text' },
    { name: 'operation_type', kind: 'text' },
    { name: 'execution_count', kind: 'count' },
    ...distributionColumns,
  ],
  read: (reader, scope) =>
    fetchRows(
      reader,
      compose
        .selectFrom(stepsOf(scope).as('step'))
        .groupBy(['workflow_name', 'action_type', 'operation_type'])
        .select([
          'workflow_name',
          'action_type',
          'operation_type',
          sql<number>`count(*)`.as('execution_count'),
          ...distributionOf(sql`duration_ms`),
        ])
        .orderBy('avg_duration_ms', (order) => order.desc().nullsLast())
        .orderBy('workflow_name')
        .orderBy('action_type')
        .orderBy('operation_type')
        .limit(scope.limit),
    ),
}
