import { sql } from 'kysely'
import { fetchRows } from '../trail/compose.ts'
import { ofExecutions, type Report } from './report.ts'
import { auditsOf } from './sources.ts'

/** What is adjusted at run time. */
export const adjustments: Report = {
  ...ofExecutions,
  slug: 'adjustments',
  about: 'What was adjusted at run time, and why, the most frequent first.',
  columns: [
    { name: 'adjustment_type', kind: 'text' },
    { name: 'reason', kind: 'text' },
    { name: 'frequency', kind: 'count' },
  ],
  read: (reader, scope) =>
    fetchRows(
      reader,
      auditsOf(scope)
        .innerJoinLateral(
          sql<{
            readonly element: string
          }>`jsonb_array_elements(audit.adaptive_adjustments)`.as<'adjustment'>(sql`adjustment(element)`),
          (join) => join.onTrue(),
        )
        .groupBy([sql`element ->> 'adjustment_type'`, sql`element ->> 'reason'`])
        .select([
          sql<string | null>`element ->> 'adjustment_type'`.as('adjustment_type'),
          sql<string | null>`element ->> 'reason'`.as('reason'),
          sql<number>`count(*)`.as('frequency'),
        ])
        .orderBy('frequency', 'desc')
        .orderBy('adjustment_type')
        .orderBy('reason')
        .limit(scope.limit),
    ),
}
