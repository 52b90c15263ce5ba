import type { Query } from '../database/database.ts'
import type { PartitionedTable } from '../partition/ensure-partitions.ts'
import type { ArchivedColumn } from './archive/archived-columns.ts'
import type { ArchivedRow } from './archive/row-digest.ts'

/** A month of a table that a run works on. */
export interface RetainedMonth {
  readonly table: PartitionedTable
  /** As in `2026-08`. */
  readonly month: string
  readonly partition: string
}

/** What each of their rows is known by, alone. */
const keys: Readonly<Record<PartitionedTable | 'workflow_step_result_audit', string>> = {
  audit_event: 'id',
  workflow_step_transitions: 'workflow_step_transition_uuid',
  workflow_execution_audit: 'id',
  workflow_step_result_audit: 'workflow_step_result_audit_uuid',
}

/**
 * The rows of a month, for after `from`: of its table and in its time, which PostgreSQL finds in the partition alone. The
 * partition itself only its owner may read.
 */
export const rowsOf = ({ table, month }: RetainedMonth): string => {
  const time = table === 'audit_event' ? '"timestamp"' : 'created_at'
  const first = `timestamptz '${month}-01 00:00:00+00'`
  return `(
    select * from ${table}
    where ${time} >= ${first}
      and ${time} < (timestamp '${month}-01' + interval '1 month') at time zone 'UTC'
  )`
}

/** Months that are old enough for some policy, the oldest first; a partition that is not named after its month is none. */
export async function candidateMonths(query: Query, at: string): Promise<readonly RetainedMonth[]> {
  const { rows } = await query<RetainedMonth>(selectCandidates, [at])
  return rows
}

/** Where rows are, and which of them. */
export interface DoomedRows {
  readonly table: keyof typeof keys
  /** What `rowsOf` gives, or a table. */
  readonly place: string
  /** In SQL, over a row `kept`. */
  readonly condition: string
  readonly columns: readonly ArchivedColumn[]
}

const rowsInAPage = 5_000

/** The rows in the order of their key, page by page. They must not change meanwhile. */
export async function* readDoomedRows(
  query: Query,
  { table, place, condition, columns }: DoomedRows,
): AsyncGenerator<ArchivedRow> {
  const key = keys[table]
  const names = columns.map(({ select }) => select).join(', ')
  for (let after: unknown = null; ;) {
    const { rows } = await query<ArchivedRow>(
      `select ${names}
      from ${place} as kept
      where ($1::uuid is null or kept.${key} > $1::uuid)
        and (${condition})
      order by kept.${key}
      limit ${rowsInAPage}`,
      [after],
    )
    yield* rows
    if (rows.length < rowsInAPage) return
    after = rows.at(-1)?.[key]
  }
}

/** A table that a run has made of a month, or left of it. */
export interface TableBeside {
  readonly table: string
  readonly parent: string
  /** The first day of the month. */
  readonly month: string
}

/** Copies of months that a run has made (`kept`), or months that have gone and whose files are still there (`gone`). */
export async function tablesBeside(query: Query, end: 'kept' | 'gone'): Promise<readonly TableBeside[]> {
  const { rows } = await query<TableBeside>(
    `select beside.relname::text as table, parent.relname::text as parent,
            replace(right(left(beside.relname, -5), 7), '_', '-') || '-01' as month
    from pg_class as beside
    join pg_class as parent
      on parent.relname = left(beside.relname, -13)
      and parent.relnamespace = beside.relnamespace
      and parent.relkind = 'p'
    where beside.relnamespace = current_schema()::regnamespace
      and beside.relname ~ ('_[0-9]{4}_[0-9]{2}_' || $1 || '$')
      and beside.relkind = 'r'
    order by beside.relname`,
    [end],
  )
  return rows
}

const selectCandidates = `
select parent.relname::text as "table",
       to_char(to_date(substring(child.relname from '_(\\d{4}_\\d{2})$'), 'YYYY_MM'), 'YYYY-MM') as month,
       child.relname::text as "partition"
from pg_inherits
join pg_class as child on child.oid = inhrelid
join pg_class as parent on parent.oid = inhparent
where inhparent in (
    'audit_event'::regclass, 'workflow_step_transitions'::regclass, 'workflow_execution_audit'::regclass
  )
  and to_date(substring(child.relname from '_(\\d{4}_\\d{2})$'), 'YYYY_MM')::timestamp at time zone 'UTC' < date_trunc(
    'month',
    $1::timestamptz - least(90, (select min(keep_days) from retention_policy)) * interval '1 day',
    'UTC'
  )
order by month, parent.relname`
