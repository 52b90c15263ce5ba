import type { Reader } from '../trail/compose.ts'

/** What an operator watches of the database. Times are seconds since 1970. */
export interface TrailVitals {
  /** How many months after this one have their partition: 2 when the next two are there. */
  readonly partitionsAhead: readonly { readonly table: string; readonly months: number }[]
  readonly retention: RetentionVitals
}

/** What retention has done so far, whoever ran it. */
export interface RetentionVitals {
  /** When the last run ended; null before the first has. */
  readonly lastRunAt: number | null
  /** When it last did its work; null before it first has. */
  readonly lastSuccessAt: number | null
  readonly failedRuns: number
  /** Executions that went. */
  readonly executions: number
  /** Rows that went. */
  readonly rows: number
}

/** Reads them. */
export async function readVitals({ query }: Reader): Promise<TrailVitals> {
  const ahead = await query<TrailVitals['partitionsAhead'][number]>(selectPartitionsAhead)
  const { rows } = await query<RetentionVitals>(selectRetention)
  return {
    partitionsAhead: ahead.rows,
    retention: rows[0] ?? { lastRunAt: null, lastSuccessAt: null, failedRuns: 0, executions: 0, rows: 0 },
  }
}

const selectPartitionsAhead = `
select parent.relname::text as "table",
       (count(*) filter (
         where to_date(substring(child.relname from '_(\\d{4}_\\d{2})$'), 'YYYY_MM') > (now() at time zone 'UTC')::date
       ))::int as months
from pg_inherits
join pg_class as parent on parent.oid = inhparent
join pg_class as child on child.oid = inhrelid
where parent.relnamespace = current_schema()::regnamespace
  and parent.relkind = 'p'
group by parent.relname
order by parent.relname`

const selectRetention = `
select extract(epoch from max(run.ended_at))::float8 as "lastRunAt",
       extract(epoch from max(run.ended_at) filter (where run.status = 'done'))::float8 as "lastSuccessAt",
       count(*) filter (where run.status = 'failed') as "failedRuns",
       coalesce(sum((run.result ->> 'executionCount')::bigint), 0)::bigint as executions,
       coalesce(sum(gone.rows), 0)::bigint as rows
from retention_run as run
cross join lateral (
  select sum((month ->> 'dropCount')::bigint) as rows
  from jsonb_array_elements(run.result -> 'months') as month
) as gone`
