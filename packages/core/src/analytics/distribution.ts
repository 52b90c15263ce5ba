import { type RawBuilder, sql } from 'kysely'

/** How the values of an expression lie: their mean, least, median, 95th percentile and greatest. */
export const distributionOf = (value: RawBuilder<number | null>) =>
  [
    sql<number | null>`avg(${value})::float8`.as('avg_duration_ms'),
    sql<number | null>`min(${value})::float8`.as('min_duration_ms'),
    sql<number | null>`percentile_cont(0.5) within group (order by ${value})`.as('p50_duration_ms'),
    sql<number | null>`percentile_cont(0.95) within group (order by ${value})`.as('p95_duration_ms'),
    sql<number | null>`max(${value})::float8`.as('max_duration_ms'),
  ] as const

/** The columns that it gives. */
export const distributionColumns = [
  { name: 'avg_duration_ms', kind: 'milliseconds' },
  { name: 'min_duration_ms', kind: 'milliseconds' },
  { name: 'p50_duration_ms', kind: 'milliseconds' },
  { name: 'p95_duration_ms', kind: 'milliseconds' },
  { name: 'max_duration_ms', kind: 'milliseconds' },
] as const
