import { fromAuditRow } from '../execution-audit/audit-row.ts'
import type { StoredExecutionAudit } from '../execution-audit/audit-rows.ts'
import { selectAudits } from '../execution-audit/read-execution-audit.ts'
import { fetchRows, type Reader } from '../trail/compose.ts'

/** Audits that were made at this instant or later, ISO 8601, the oldest first; at most 10,000. */
export async function recentExecutionAudits(
  reader: Reader,
  since: string,
): Promise<readonly StoredExecutionAudit[]> {
  const rows = await fetchRows(
    reader,
    selectAudits().where('created_at', '>=', since).orderBy('created_at').orderBy('id').limit(10_000),
  )
  return rows.map(fromAuditRow)
}

/** What an operator watches of the database. Times are seconds. */
export interface TrailVitals {
  /** When each table's partitions end, in months from this one: 2 when the next two are there. */
  readonly partitionsAhead: readonly { readonly table: string; readonly months: number }[]
  /** When retention last did its work, in seconds since 1970; null before it first has. */
  readonly retentionSuccessAt: number | null
}

/** Reads them. */
export async function readVitals({ query }: Reader): Promise<TrailVitals> {
  const ahead = await query<{ table: string; months: number }>(selectPartitionsAhead)
  const { rows } = await query<{ retention: number | null }>(selectTimes)
  return {
    partitionsAhead: ahead.rows,
    retentionSuccessAt: rows[0]?.retention ?? null,
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

const selectTimes = `
select extract(epoch from max(ended_at))::float8 as retention
from retention_run
where status = 'done'`
