import { sql } from 'kysely'
import { compose, fetchRows } from '../trail/compose.ts'
import { ofExecutions, type Report } from './report.ts'
import type { ReportScope } from './report-request.ts'
import { auditsOf } from './sources.ts'

/** How failures come and go. */
export const failureRate: Report = {
  ...ofExecutions,
  slug: 'failure-rate',
  about: 'Executions that ended in each period of time (UTC), and how many of them failed, the latest first.',
  limit: 1000,
  takes: ['period'],
  columns: [
    { name: 'period_start', kind: 'time' },
    { name: 'execution_count', kind: 'count' },
    { name: 'failure_count', kind: 'count' },
    { name: 'partial_count', kind: 'count' },
    { name: 'failure_rate', kind: 'share' },
  ],
  read: (reader, scope) => fetchRows(reader, failuresOf(scope)),
}

/** Counted whole before any is taken: nothing tells the planner how few periods there are. */
const failuresOf = (scope: ReportScope) =>
  compose
    .with(
      (cte) => cte('counted').materialized(),
      () =>
        auditsOf(scope)
          .groupBy(sql`period_start`)
          .select([
            sql<string>`date_trunc(${scope.period}, audit.created_at, 'UTC')`.as('period_start'),
            sql<number>`count(*)`.as('execution_count'),
            sql<number>`count(*) filter (where audit.outcome = 'failed')`.as('failure_count'),
            sql<number>`count(*) filter (where audit.outcome = 'partial')`.as('partial_count'),
            sql<number>`avg((audit.outcome = 'failed')::int)::float8`.as('failure_rate'),
          ]),
    )
    .selectFrom('counted')
    .selectAll()
    .orderBy('period_start', 'desc')
    .limit(scope.limit)
