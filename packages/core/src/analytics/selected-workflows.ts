import { sql } from 'kysely'
import { compose, fetchRows } from '../trail/compose.ts'
import { ofExecutions, type Report } from './report.ts'
import { endedVerdictsOf, selectionsOf } from './selections-of.ts'

/** Which workflows are chosen most. */
export const selectedWorkflows: Report = {
  ...ofExecutions,
  slug: 'selected-workflows',
  about: 'Workflows by the selections that they were offered and chosen in, the most chosen first.',
  columns: [
    { name: 'workflow_name', kind: 'text' },
    { name: 'offered_count', kind: 'count' },
    { name: 'chosen_count', kind: 'count' },
    { name: 'refused_count', kind: 'count' },
    { name: 'failed_count', kind: 'count' },
    { name: 'chosen_share', kind: 'share' },
  ],
  read: (reader, scope) =>
    fetchRows(
      reader,
      compose
        .selectFrom(selectionsOf(scope, endedVerdictsOf(scope)).as('selection'))
        .groupBy('workflow_name')
        .select([
          'workflow_name',
          sql<number>`count(offered_at)`.as('offered_count'),
          sql<number>`count(*) filter (where is_chosen)`.as('chosen_count'),
          sql<number>`count(*) filter (where is_refused)`.as('refused_count'),
          sql<number>`count(*) filter (where is_chosen and outcome = 'failed')`.as('failed_count'),
          sql<number | null>`(count(offered_at) filter (where is_chosen))::float8
            / nullif(count(offered_at), 0)`.as('chosen_share'),
        ])
        .orderBy('chosen_count', 'desc')
        .orderBy('offered_count', 'desc')
        .orderBy('workflow_name')
        .limit(scope.limit),
    ),
}
