import { sql } from 'kysely'
import { compose, fetchRows } from '../trail/compose.ts'
import { ofExecutions, type Report } from './report.ts'
import { endedVerdictsOf } from './selections-of.ts'

/** Which workflows are chosen, and then fail. */
export const failingSelections: Report = {
  ...ofExecutions,
  slug: 'failing-selections',
  about: 'Workflows that were chosen and then failed, those that failed in most selections first.',
  columns: [
    { name: 'workflow_name', kind: 'text' },
    { name: 'chosen_count', kind: 'count' },
    { name: 'executed_count', kind: 'count' },
    { name: 'failed_count', kind: 'count' },
    { name: 'failed_share', kind: 'share' },
  ],
  read: (reader, scope) =>
    fetchRows(
      reader,
      compose
        .selectFrom(endedVerdictsOf(scope).as('verdict'))
        .where('is_valid', '=', true)
        .groupBy('workflow_name')
        .having(sql<boolean>`bool_or(outcome = 'failed')`)
        .select([
          'workflow_name',
          sql<number>`count(*)`.as('chosen_count'),
          sql<number>`count(outcome)`.as('executed_count'),
          sql<number>`count(*) filter (where outcome = 'failed')`.as('failed_count'),
          sql<number>`avg((outcome = 'failed')::int)::float8`.as('failed_share'),
        ])
        .orderBy('failed_count', 'desc')
        .orderBy('failed_share', 'desc')
        .orderBy('workflow_name')
        .limit(scope.limit),
    ),
}
