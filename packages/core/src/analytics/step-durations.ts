import { sql } from 'kysely'
import { fetchRows } from '../trail/compose.ts'
import { distributionColumns, distributionOf } from './distribution.ts'
import { ofExecutions, type Report } from './report.ts'
import { eventsOf } from './sources.ts'

/** How long the successful attempts of steps took. */
export const stepDurations: Report = {
  ...ofExecutions,
  slug: 'step-durations',
  about:
    'Steps by how long their successful attempts took, from claim to acknowledgement, the slowest first.',
  windowDays: 7,
  takes: ['operation'],
  columns: [
    { name: 'workflow_name', kind: 'text' },
    { name: 'step_name', kind: 'text' },
    { name: 'operation_type', kind: 'text' },
    { name: 'execution_count', kind: 'count' },
    ...distributionColumns,
  ],
  read: (reader, scope) =>
    fetchRows(
      reader,
      eventsOf(scope, ['STEP_SUCCESS'])
        .groupBy(['event.workflow_name', 'event.step_name', 'event.operation_type'])
        .select([
          'event.workflow_name',
          'event.step_name',
          'event.operation_type',
          sql<number>`count(*)`.as('execution_count'),
          ...distributionOf(sql`event.duration_ms`),
        ])
        .orderBy('avg_duration_ms', (order) => order.desc().nullsLast())
        .orderBy('event.workflow_name')
        .orderBy('event.step_name')
        .orderBy('event.operation_type')
        .limit(scope.limit),
    ),
}
