import { sql } from 'kysely'
import { compose, fetchRows } from '../trail/compose.ts'
import { ofExecutions, type Report } from './report.ts'
import { selectionsOf, verdictsOf } from './selections-of.ts'

/** Which workflows nobody takes. */
export const neverChosenWorkflows: Report = {
  ...ofExecutions,
  slug: 'never-chosen-workflows',
  about: 'Workflows that were offered and never chosen, those offered in most selections first.',
  columns: [
    { name: 'workflow_name', kind: 'text' },
    { name: 'offered_count', kind: 'count' },
    { name: 'refused_count', kind: 'count' },
    { name: 'best_place', kind: 'count' },
    { name: 'last_offered_at', kind: 'time' },
  ],
  read: (reader, scope) =>
    fetchRows(
      reader,
      compose
        .selectFrom(selectionsOf(scope, verdictsOf(scope)).as('selection'))
        .groupBy('workflow_name')
        .having(sql<boolean>`count(offered_at) > 0 and not bool_or(is_chosen)`)
        .select([
          'workflow_name',
          sql<number>`count(offered_at)`.as('offered_count'),
          sql<number>`count(*) filter (where is_refused)`.as('refused_count'),
          sql<number>`min(best_place)`.as('best_place'),
          sql<string>`max(offered_at)`.as('last_offered_at'),
        ])
        .orderBy('offered_count', 'desc')
        .orderBy('workflow_name')
        .limit(scope.limit),
    ),
}
