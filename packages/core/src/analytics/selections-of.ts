import type { ExecutionOutcome } from '@steptrail/workflow'
import { type Expression, sql } from 'kysely'
import { compose } from '../trail/compose.ts'
import type { ReportScope } from './report-request.ts'
import { auditsOf, eventsOf } from './sources.ts'

/** What a call of the catalogue said of a workflow in a selection. */
interface SelectionFact {
  readonly workflow_name: string | null
  readonly tenant: string
  readonly correlation_id: string | null
  /** When it was offered; null when it was validated. */
  readonly offered_at: string | null
  /** At which place it was offered, counted from 1. */
  readonly place: number | null
  /** Whether it was chosen, and not refused; null when it was offered. */
  readonly is_valid: boolean | null
  /** How what was executed for it ended, where that is known. */
  readonly outcome: ExecutionOutcome | null
}

const ofSelection = ['workflow_name', 'tenant', 'correlation_id'] as const

/**
 * What became of each workflow in each selection (all calls of one remediation): whether it was offered, and at which place
 * at best; refused when it was to be chosen; chosen, which is what was validated last; and how what was executed for it
 * ended, null where nothing has or the verdicts do not say.
 */
export const selectionsOf = (scope: ReportScope, verdicts: Expression<SelectionFact>) =>
  compose
    .selectFrom(
      offersOf(scope)
        .unionAll((eb) => eb.parens(verdicts))
        .as('fact'),
    )
    .groupBy(ofSelection)
    .select([
      'workflow_name',
      sql<number | null>`min(place)`.as('best_place'),
      sql<string | null>`max(offered_at)`.as('offered_at'),
      sql<boolean>`coalesce(bool_or(not is_valid), false)`.as('is_refused'),
      sql<boolean>`coalesce(bool_or(is_valid), false)`.as('is_chosen'),
      sql<ExecutionOutcome | null>`max(outcome)`.as('outcome'),
    ])

/** What was refused when it was to be chosen, and of each selection what was chosen. */
export const verdictsOf = (scope: ReportScope) =>
  compose
    .selectFrom(
      eventsOf(ofAnyWorkflow(scope), ['workflow.catalog.selection_validated'])
        .select([
          'event.tenant',
          'event.correlation_id',
          sql<string | null>`event.details #>> '{payload, workflowName}'`.as('workflow_name'),
          isValid.as('is_valid'),
          // No language's order is wanted here, and that of the bytes is found several times as fast.
          sql<number>`row_number() over (
            partition by event.tenant collate "C", event.correlation_id collate "C", ${isValid}
            order by event.id desc)`.as('number'),
        ])
        .as('validation'),
    )
    .where(sql<boolean>`(not is_valid or number = 1 and is_valid)`)
    .where(isOf(sql.ref('workflow_name'), scope))
    .select([
      ...ofSelection,
      sql<string | null>`null::timestamptz`.as('offered_at'),
      sql<number | null>`null::bigint`.as('place'),
      sql<boolean | null>`is_valid`.as('is_valid'),
      sql<ExecutionOutcome | null>`null::text`.as('outcome'),
    ])

/** The same, with how the last of what was executed for what was chosen ended. */
export const endedVerdictsOf = (scope: ReportScope) =>
  compose
    .with('verdict', () => verdictsOf(scope))
    .with('audited', () =>
      auditsOf(ofAnyWorkflow(scope))
        .select([
          'audit.workflow_name',
          'audit.tenant',
          'audit.remediation_id',
          'audit.outcome',
          'audit.created_at',
          'audit.ended_seq',
        ])
        // Keeps what was superseded from being looked up for each that was chosen, of which the planner expects none.
        .offset(0),
    )
    .with('ended', (db) =>
      db
        .selectFrom('audited')
        .innerJoin('verdict as chosen', (join) =>
          join
            .on('chosen.is_valid', '=', true)
            .onRef('chosen.workflow_name', '=', 'audited.workflow_name')
            .onRef('chosen.tenant', '=', 'audited.tenant')
            .onRef('chosen.correlation_id', '=', 'audited.remediation_id'),
        )
        .distinctOn([bytesOf('chosen.tenant'), bytesOf('chosen.correlation_id')])
        .orderBy(bytesOf('chosen.tenant'))
        .orderBy(bytesOf('chosen.correlation_id'))
        .orderBy('audited.created_at', 'desc')
        .orderBy('audited.ended_seq', 'desc')
        .select(['chosen.tenant', 'chosen.correlation_id', 'audited.outcome']),
    )
    .selectFrom('verdict')
    .leftJoin('ended', (join) =>
      join
        .on('verdict.is_valid', '=', true)
        .onRef('ended.tenant', '=', 'verdict.tenant')
        .onRef('ended.correlation_id', '=', 'verdict.correlation_id'),
    )
    .select([
      'verdict.workflow_name',
      'verdict.tenant',
      'verdict.correlation_id',
      'verdict.offered_at',
      'verdict.place',
      'verdict.is_valid',
      'ended.outcome',
    ])

const offersOf = (scope: ReportScope) =>
  eventsOf(ofAnyWorkflow(scope), ['workflow.catalog.workflows_listed'])
    .innerJoinLateral(
      sql<{ readonly element: string; readonly number: number }>`jsonb_array_elements(
        case jsonb_typeof(event.details #> '{payload, workflows}')
          when 'array' then event.details #> '{payload, workflows}'
        end) with ordinality`.as<'workflow'>(sql`workflow(element, number)`),
      (join) => join.onTrue(),
    )
    .where(isOf(offered, scope))
    .select([
      offered.as('workflow_name'),
      'event.tenant',
      'event.correlation_id',
      sql<string | null>`event."timestamp"`.as('offered_at'),
      sql<
        number | null
      >`number + coalesce((event.details #>> '{payload, pagination, offset}')::bigint, 0)`.as('place'),
      sql<boolean | null>`null::boolean`.as('is_valid'),
      sql<ExecutionOutcome | null>`null::text`.as('outcome'),
    ])

/** The events name workflows in their payload, so that is where they are filtered by. */
const ofAnyWorkflow = (scope: ReportScope): ReportScope => ({ ...scope, workflowName: undefined })

const isValid = sql<boolean>`event.details #>> '{payload, validationResult}' = 'valid'`
const offered = sql<string | null>`element ->> 'workflowName'`
const isOf = (name: Expression<string | null>, { workflowName }: ReportScope) =>
  workflowName === undefined ? sql<boolean>`${name} is not null` : sql<boolean>`${name} = ${workflowName}`
const bytesOf = (column: string) => sql<string>`${sql.ref(column)} collate "C"`
