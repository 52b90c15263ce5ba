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
    .with('fact', () => offers(ofAll).unionAll(validations(ofAll)))
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
    .with(
      (cte) => cte('audited').materialized(),
      () =>
        auditsOf(ofAll).select([
          'audit.workflow_name',
          'audit.tenant',
          'audit.remediation_id',
          'audit.outcome',
          'audit.created_at',
          'audit.ended_seq',
        ]),
    )
    .with('ended', (db) =>
      db
        .selectFrom('audited')
        .innerJoin('selection as chosen', (join) =>
          join
            .on('chosen.is_chosen', '=', true)
            .onRef('chosen.workflow_name', '=', 'audited.workflow_name')
            .onRef('chosen.tenant', '=', 'audited.tenant')
            .onRef('chosen.correlation_id', '=', 'audited.remediation_id'),
        )
        .distinctOn(['chosen.workflow_name', 'chosen.tenant', 'chosen.correlation_id'])
        .orderBy('chosen.workflow_name')
        .orderBy('chosen.tenant')
        .orderBy('chosen.correlation_id')
        .orderBy('audited.created_at', 'desc')
        .orderBy('audited.ended_seq', 'desc')
        .select(['chosen.workflow_name', 'chosen.tenant', 'chosen.correlation_id', 'audited.outcome']),
    )
    .selectFrom('selection')
    .leftJoin('ended', (join) =>
      join
        .onRef('ended.workflow_name', '=', 'selection.workflow_name')
        .onRef('ended.tenant', '=', 'selection.tenant')
        .onRef('ended.correlation_id', '=', 'selection.correlation_id'),
    )
    .select([
      'selection.workflow_name',
      'selection.best_place',
      'selection.offered_at',
      'selection.is_refused',
      'selection.is_chosen',
      'ended.outcome',
    ])
}

const about = ['event.tenant', 'event.correlation_id', 'event.timestamp'] as const
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
      sql<string>`'offered'::text`.as('kind'),
      sql<string | null>`element ->> 'workflowName'`.as('workflow_name'),
      sql<
        number | null
      >`number + coalesce((event.details #>> '{payload, pagination, offset}')::bigint, 0)`.as('place'),
    ])

/** Those that were refused, and of each selection the last that was not. */
const validations = (scope: ReportScope) =>
  compose
    .selectFrom(
      eventsOf(scope, ['workflow.catalog.selection_validated'])
        .select([
          ...about,
          sql<string | null>`event.details #>> '{payload, workflowName}'`.as('workflow_name'),
          isValid.as('is_valid'),
          sql<number>`row_number() over (
            partition by event.tenant, event.correlation_id, ${isValid} order by event.id desc)`.as('number'),
        ])
        .as('validation'),
    )
    .where(sql<boolean>`not is_valid or number = 1 and is_valid`)
    .select([
      'tenant',
      'correlation_id',
      'timestamp',
      sql<string>`case when is_valid then 'chosen' else 'refused' end`.as('kind'),
      'workflow_name',
      sql<number | null>`null::bigint`.as('place'),
    ])

const isValid = sql<boolean>`event.details #>> '{payload, validationResult}' = 'valid'`
