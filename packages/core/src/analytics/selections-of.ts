import { sql } from 'kysely'
import { compose } from '../trail/compose.ts'
import type { ReportScope } from './report-request.ts'
import { auditsOf, eventsOf } from './sources.ts'

/**
 * What became of each workflow in each selection (all calls of one remediation): whether it was offered, and at which place
 * at best; refused when it was to be chosen; chosen, which is what was validated last; and how what was executed for it
 * ended, null where nothing has.
 */
export function selectionsOf(scope: ReportScope) {
  const { workflowName } = scope
  // The events name workflows in their payload, so that is where they are filtered by.
  const ofAll = { ...scope, workflowName: undefined }
  return compose
    .with('fact', () => offers(ofAll).unionAll(refusals(ofAll)).unionAll(choices(ofAll)))
    .with('selection', (db) =>
      db
        .selectFrom('fact')
        .where('workflow_name', 'is not', null)
        .$if(workflowName !== undefined, (all) => all.where('workflow_name', '=', workflowName ?? ''))
        .groupBy(['workflow_name', 'tenant', 'correlation_id'])
        .select([
          'workflow_name',
          'tenant',
          'correlation_id',
          sql<number | null>`min(place) filter (where kind = 'offered')`.as('best_place'),
          sql<string | null>`max("timestamp") filter (where kind = 'offered')`.as('offered_at'),
          sql<boolean>`bool_or(kind = 'refused')`.as('is_refused'),
          sql<boolean>`bool_or(kind = 'chosen')`.as('is_chosen'),
        ]),
    )
    .selectFrom('selection')
    .leftJoinLateral(
      auditsOf(ofAll)
        .where(
          sql<boolean>`(audit.workflow_name, audit.tenant, audit.remediation_id)
            = (selection.workflow_name, selection.tenant, selection.correlation_id)`,
        )
        .orderBy('audit.created_at', 'desc')
        .orderBy('audit.ended_seq', 'desc')
        .limit(1)
        .select('audit.outcome')
        .as('execution'),
      (join) => join.onTrue(),
    )
    .select([
      'selection.workflow_name',
      'selection.best_place',
      'selection.offered_at',
      'selection.is_refused',
      'selection.is_chosen',
      'execution.outcome',
    ])
}

const about = ['event.tenant', 'event.correlation_id', 'event.timestamp'] as const
const kindOf = (kind: 'offered' | 'refused' | 'chosen') => sql<string>`${sql.lit(kind)}::text`.as('kind')
const nameOf = sql<string | null>`event.details #>> '{payload, workflowName}'`
const isValid = sql<boolean>`event.details #>> '{payload, validationResult}' = 'valid'`
const nowhere = sql<number | null>`null::bigint`.as('place')

const offers = (scope: ReportScope) =>
  eventsOf(scope, ['workflow.catalog.workflows_listed'])
    .innerJoinLateral(
      sql<{ readonly element: string; readonly number: number }>`jsonb_array_elements(
        case jsonb_typeof(event.details #> '{payload, workflows}')
          when 'array' then event.details #> '{payload, workflows}'
        end) with ordinality`.as<'workflow'>(sql`workflow(element, number)`),
      (join) => join.onTrue(),
    )
    .select([
      ...about,
      kindOf('offered'),
      sql<string | null>`element ->> 'workflowName'`.as('workflow_name'),
      sql<
        number | null
      >`number + coalesce((event.details #>> '{payload, pagination, offset}')::bigint, 0)`.as('place'),
    ])

const refusals = (scope: ReportScope) =>
  eventsOf(scope, ['workflow.catalog.selection_validated'])
    .where(sql<boolean>`not ${isValid}`)
    .select([...about, kindOf('refused'), nameOf.as('workflow_name'), nowhere])

const choices = (scope: ReportScope) =>
  compose
    .selectFrom(
      eventsOf(scope, ['workflow.catalog.selection_validated'])
        .where(isValid)
        .distinctOn(['event.tenant', 'event.correlation_id'])
        .orderBy('event.tenant')
        .orderBy('event.correlation_id')
        .orderBy('event.id', 'desc')
        .select([...about, kindOf('chosen'), nameOf.as('workflow_name'), nowhere])
        .as('choice'),
    )
    .selectAll()
