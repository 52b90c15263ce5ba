import { sql } from 'kysely'
import { compose, fetchRows } from '../trail/compose.ts'
import { ofExecutions, type Report } from './report.ts'
import { eventsOf } from './sources.ts'

const retries = sql`count(*) filter (where event_type = 'STEP_RETRY_TRIGGERED')`
const successes = sql`count(*) filter (where event_type = 'STEP_SUCCESS' and retry_count > 0)`

/** Whether retries help. */
export const retrySuccess: Report = {
  ...ofExecutions,
  slug: 'retry-success',
  about: 'Of the retries of each step, how many per cent led to success.',
  windowDays: 7,
  takes: ['operation'],
  columns: [
    { name: 'workflow_name', kind: 'text' },
    { name: 'step_name', kind: 'text' },
    { name: 'operation_type', kind: 'text' },
    { name: 'total_retries', kind: 'count' },
    { name: 'successful_after_retry', kind: 'count' },
    { name: 'retry_success_rate_pct', kind: 'percent' },
  ],
  read: (reader, scope) =>
    fetchRows(
      reader,
      compose
        .selectFrom(
          eventsOf(scope, ['STEP_RETRY_TRIGGERED', 'STEP_SUCCESS'])
            .where((eb) =>
              eb.or([eb('event.event_type', '=', 'STEP_RETRY_TRIGGERED'), eb('event.retry_count', '>', 0)]),
            )
            .select(['event_type', 'workflow_name', 'step_name', 'operation_type', 'retry_count'])
            .as('event'),
        )
        .groupBy(['workflow_name', 'step_name', 'operation_type'])
        .select([
          'workflow_name',
          'step_name',
          'operation_type',
          sql<number>`${retries}`.as('total_retries'),
          sql<number>`${successes}`.as('successful_after_retry'),
          sql<number | null>`round(${successes}::numeric / nullif(${retries}, 0) * 100, 2)::float8`.as(
            'retry_success_rate_pct',
          ),
        ])
        .orderBy('total_retries', 'desc')
        .orderBy('workflow_name')
        .orderBy('step_name')
        .orderBy('operation_type')
        .limit(scope.limit),
    ),
}
