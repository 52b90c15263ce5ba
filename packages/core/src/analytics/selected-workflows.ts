import { sql } from 'kysely'
import { compose, fetchRows } from '../trail/compose.ts'
import { ofExecutions, type Report } from './report.ts'
import type { ReportScope } from './report-request.ts'
import { auditsOf, eventsOf } from './sources.ts'

/** Which workflows are chosen, and which never. */
export const selectedWorkflows: Report = {
  ...ofExecutions,
  slug: 'selected-workflows',
  about:
    'Workflows by how often they were chosen of those offered, and how often what was chosen then failed.',
  columns: [
    { name: 'workflow_name', kind: 'text' },
    { name: 'offered_count', kind: 'count' },
    { name: 'chosen_count', kind: 'count' },
    { name: 'refused_count', kind: 'count' },
    { name: 'failed_count', kind: 'count' },
    { name: 'chosen_share', kind: 'share' },
  ],
  read: (reader, scope) => fetchRows(reader, selectionsOf(scope)),
}

/** The events name the workflow in their payload, so that is where it is filtered by. */
function selectionsOf(scope: ReportScope) {
  const { workflowName, ...others } = scope
  const events = { ...others, workflowName: undefined }
  return compose
    .with('offer', () =>
      eventsOf(events, ['workflow.catalog.workflows_listed'])
        .innerJoinLateral(
          sql<{ readonly element: string }>`jsonb_array_elements(
            case jsonb_typeof(event.details #> '{payload, workflows}')
              when 'array' then event.details #> '{payload, workflows}'
            end)`.as<'workflow'>(sql`workflow(element)`),
          (join) => join.onTrue(),
        )
        .select([sql<string>`element ->> 'workflowName'`.as('workflow_name')]),
    )
    .with('choice', () =>
      eventsOf(events, ['workflow.catalog.selection_validated']).select([
        sql<string>`event.details #>> '{payload, workflowName}'`.as('workflow_name'),
        sql<boolean>`event.details #>> '{payload, validationResult}' = 'valid'`.as('is_valid'),
        'event.correlation_id',
      ]),
    )
    .with('failure', () =>
      auditsOf(events)
        .where('audit.outcome', '=', 'failed')
        .distinct()
        .select(['audit.workflow_name', 'audit.remediation_id']),
    )
    .with('fact', (db) =>
      db
        .selectFrom('offer')
        .select(['workflow_name', sql<string>`'offered'`.as('kind')])
        .unionAll(
          db
            .selectFrom('choice')
            .select([
              'workflow_name',
              sql<string>`case when is_valid then 'chosen' else 'refused' end`.as('kind'),
            ]),
        )
        .unionAll(
          db
            .selectFrom('choice')
            .innerJoin('failure', (join) =>
              join
                .onRef('failure.workflow_name', '=', 'choice.workflow_name')
                .onRef('failure.remediation_id', '=', 'choice.correlation_id'),
            )
            .where('choice.is_valid', '=', true)
            .select(['choice.workflow_name', sql<string>`'failed'`.as('kind')]),
        ),
    )
    .selectFrom('fact')
    .where('workflow_name', 'is not', null)
    .$if(workflowName !== undefined, (all) => all.where('workflow_name', '=', workflowName ?? ''))
    .groupBy('workflow_name')
    .select([
      'workflow_name',
      sql<number>`count(*) filter (where kind = 'offered')`.as('offered_count'),
      sql<number>`count(*) filter (where kind = 'chosen')`.as('chosen_count'),
      sql<number>`count(*) filter (where kind = 'refused')`.as('refused_count'),
      sql<number>`count(*) filter (where kind = 'failed')`.as('failed_count'),
      sql<number | null>`(count(*) filter (where kind = 'chosen'))::float8
        / nullif(count(*) filter (where kind = 'offered'), 0)`.as('chosen_share'),
    ])
    .orderBy('chosen_count', 'desc')
    .orderBy('offered_count', 'desc')
    .orderBy('workflow_name')
    .limit(scope.limit)
}
