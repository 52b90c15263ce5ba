import { sql } from 'kysely'
import { compose, fetchRows } from '../trail/compose.ts'
import { percentileOf } from './distribution.ts'
import { ofExecutions, type Report } from './report.ts'
import type { ReportScope } from './report-request.ts'
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
  read: (reader, scope) => fetchRows(reader, waitsOf(scope)),
}

const ofStep = ['workflow_name', 'step_name', 'operation_type'] as const

/** Equal waits are counted before anything is sorted. */
const waitsOf = (scope: ReportScope) =>
  compose
    .with(
      (cte) => cte('counted').materialized(),
      () =>
        eventsOf(scope, ['STEP_SUCCESS', 'STEP_FAILED'])
          .where('event.waited_ms', 'is not', null)
          .groupBy(['event.workflow_name', 'event.step_name', 'event.operation_type', 'event.waited_ms'])
          .select([
            'event.workflow_name',
            'event.step_name',
            'event.operation_type',
            'event.waited_ms',
            sql<number>`count(*)`.as('times'),
            sql<number>`count(event.duration_ms)`.as('worked_times'),
            sql<number | null>`sum(event.duration_ms)`.as('worked_ms'),
          ]),
    )
    .with('placed', (db) =>
      db
        .selectFrom('counted')
        .selectAll()
        .select([
          sql<number>`sum(times) over (
            partition by workflow_name, step_name, operation_type order by waited_ms)`.as('up_to'),
          sql<number>`sum(times) over (partition by workflow_name, step_name, operation_type)`.as('total'),
        ]),
    )
    .selectFrom('placed')
    .groupBy(ofStep)
    .select([
      ...ofStep,
      sql<number>`sum(times)::bigint`.as('attempt_count'),
      sql<number>`(sum(waited_ms * times) / sum(times))::float8`.as('avg_waited_ms'),
      percentileOf('waited_ms', 0.95).as('p95_waited_ms'),
      sql<number | null>`(sum(worked_ms) / nullif(sum(worked_times), 0))::float8`.as('avg_worked_ms'),
      sql<number | null>`sum(waited_ms * times)::float8
        / nullif(sum(waited_ms * worked_times) + sum(worked_ms), 0)::float8`.as('waiting_share'),
    ])
    .orderBy('avg_waited_ms', 'desc')
    .orderBy('workflow_name')
    .orderBy('step_name')
    .orderBy('operation_type')
    .limit(scope.limit)
