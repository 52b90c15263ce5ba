import { sql } from 'kysely'
import { compose, fetchRows } from '../trail/compose.ts'
import { ofExecutions, type Report } from './report.ts'
import { stepsOf } from './sources.ts'

/** Which actions need retries. */
export const retryPatterns: Report = {
  ...ofExecutions,
  slug: 'retry-patterns',
  about:
    'Actions of the steps that were retried, by how many retries they took, and how many failed all the same.',
  windowDays: 7,
  takes: ['operation'],
  columns: [
    { name: 'action_type', kind: 'text' },
    { name: 'operation_type', kind: 'text' },
    { name: 'avg_retries', kind: 'number' },
    { name: 'total_executions', kind: 'count' },
    { name: 'failures', kind: 'count' },
  ],
  read: (reader, scope) =>
    fetchRows(
      reader,
      compose
        .selectFrom(stepsOf(scope).as('step'))
        .where('retries', '>', 0)
        .groupBy(['action_type', 'operation_type'])
        .select([
          'action_type',
          'operation_type',
          sql<number>`avg(retries)::float8`.as('avg_retries'),
          sql<number>`count(*)`.as('total_executions'),
          sql<number>`count(*) filter (where has_failed)`.as('failures'),
        ])
        .orderBy('avg_retries', 'desc')
        .orderBy('action_type')
        .orderBy('operation_type')
        .limit(scope.limit),
    ),
}
