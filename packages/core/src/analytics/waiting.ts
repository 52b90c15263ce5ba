import { sql } from 'kysely'
import { compose, fetchRows } from '../trail/compose.ts'
import { ofExecutions, type Report } from './report.ts'
import { eventsOf } from './sources.ts'

/** Whether steps wait for workers or keep them busy. */
export const waiting: Report = {
  ...ofExecutions,
  slug: 'waiting',
  about: 'Of the attempts of each step, how long they waited for a worker and how long they were worked on.',
  windowDays: 7,
  takes: ['operation'],
  columns: [
    { name: 'workflow_name', kind: 'text' },
    { name: 'step_name', kind: 'text' },
    { name: 'operation_type', kind: 'text' },
    { name: 'attempt_count', kind: 'count' },
    { name: 'avg_waited_ms', kind: 'milliseconds' },
    { name: 'p95_waited_ms', kind: 'milliseconds' },
    { name: 'avg_worked_ms', kind: 'milliseconds' },
    { name: 'waiting_share', kind: 'share' },
  ],
  read: (reader, scope) =>
    fetchRows(
      reader,
      compose
        .selectFrom(
          eventsOf(scope, ['STEP_SUCCESS', 'STEP_FAILED'])
            .where(sql<boolean>`event.details ? 'waitedMs'`)
            .select([
              'event.workflow_name',
              'event.step_name',
              'event.operation_type',
              sql<number>`(event.details ->> 'waitedMs')::bigint`.as('waited_ms'),
              'event.duration_ms',
            ])
            .as('attempt'),
        )
        .groupBy(['workflow_name', 'step_name', 'operation_type'])
        .select([
          'workflow_name',
          'step_name',
          'operation_type',
          sql<number>`count(*)`.as('attempt_count'),
          sql<number>`avg(waited_ms)::float8`.as('avg_waited_ms'),
          sql<number>`percentile_cont(0.95) within group (order by waited_ms)`.as('p95_waited_ms'),
          sql<number>`avg(duration_ms)::float8`.as('avg_worked_ms'),
          sql<number | null>`sum(waited_ms)::float8 / nullif(sum(waited_ms + duration_ms), 0)::float8`.as(
            'waiting_share',
          ),
        ])
        .orderBy('avg_waited_ms', 'desc')
        .orderBy('workflow_name')
        .orderBy('step_name')
        .orderBy('operation_type')
        .limit(scope.limit),
    ),
}
