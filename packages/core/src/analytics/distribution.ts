import type { OperationType } from '@steptrail/event'
import { type AliasedExpression, sql } from 'kysely'
import { compose } from '../trail/compose.ts'

/** How long a step took, once. */
export interface StepTime {
  readonly workflow_name: string | null
  readonly step: string | null
  readonly operation_type: OperationType | null
  readonly duration_ms: number | null
}

const ofStep = ['workflow_name', 'step', 'operation_type'] as const

/** The value below which this share of the values lies, as `percentile_cont` has it. */
export const percentileOf = (value: string, share: number) => {
  const at = (round: 'floor' | 'ceil') =>
    `min(${value}) filter (where up_to > ${round}(${share} * (total - 1)))::float8`
  const place = `(${share} * (max(total) - 1))::float8`
  return sql<
    number | null
  >`${sql.raw(`${at('floor')} + (${at('ceil')} - ${at('floor')}) * (${place} - floor(${place}))`)}`
}

/**
 * How the times of each step lie: count, mean, least, median, 95th percentile and greatest. Equal times are counted
 * before anything is sorted, since there are as many as attempts, but they are whole milliseconds and mostly alike.
 */
export const distributionsOf = (times: AliasedExpression<StepTime, 'time'>) =>
  compose
    .with(
      (cte) => cte('counted').materialized(),
      (db) =>
        db
          .selectFrom(times)
          .groupBy([...ofStep, 'duration_ms'])
          .select([...ofStep, 'duration_ms', sql<number>`count(*)`.as('times')]),
    )
    .with('placed', (db) =>
      db.selectFrom('counted').select([
        ...ofStep,
        'duration_ms',
        'times',
        sql<number>`sum(times) filter (where duration_ms is not null) over (
          partition by workflow_name, step, operation_type order by duration_ms)`.as('up_to'),
        sql<number>`sum(times) filter (where duration_ms is not null) over (
          partition by workflow_name, step, operation_type)`.as('total'),
      ]),
    )
    .selectFrom('placed')
    .groupBy(ofStep)
    .select([
      ...ofStep,
      sql<number>`sum(times)::bigint`.as('execution_count'),
      sql<number | null>`(sum(duration_ms * times) / max(total))::float8`.as('avg_duration_ms'),
      sql<number | null>`min(duration_ms)::float8`.as('min_duration_ms'),
      percentileOf('duration_ms', 0.5).as('p50_duration_ms'),
      percentileOf('duration_ms', 0.95).as('p95_duration_ms'),
      sql<number | null>`max(duration_ms)::float8`.as('max_duration_ms'),
    ])
    .orderBy('avg_duration_ms', (order) => order.desc().nullsLast())
    .orderBy('workflow_name')
    .orderBy('step')
    .orderBy('operation_type')

/** The columns that it gives, beside what it is of. */
export const distributionColumns = [
  { name: 'avg_duration_ms', kind: 'milliseconds' },
  { name: 'min_duration_ms', kind: 'milliseconds' },
  { name: 'p50_duration_ms', kind: 'milliseconds' },
  { name: 'p95_duration_ms', kind: 'milliseconds' },
  { name: 'max_duration_ms', kind: 'milliseconds' },
] as const

/** The row with its step under the name that the report gives it. */
export const namedStep = <Row extends StepTimes>(
  { workflow_name: workflowName, step, ...figures }: Row,
  name: 'step_name' | 'action_type',
) => ({ workflow_name: workflowName, [name]: step, ...figures })

type StepTimes = Pick<StepTime, 'workflow_name' | 'step'>
