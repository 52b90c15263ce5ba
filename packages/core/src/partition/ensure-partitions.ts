import type { Query } from '../database/database.ts'

/** The tables that have a partition for each month, in UTC. */
export const partitionedTables = [
  'workflow_step_transitions',
  'audit_event',
  'workflow_execution_audit',
] as const
export type PartitionedTable = (typeof partitionedTables)[number]

/** One partition: the rows of a table in one month. */
export interface PartitionMonth {
  readonly table: PartitionedTable
  /** As in `2026-11`. */
  readonly month: string
}

/** Partitions that are known to be there. A partition made in a transaction that rolls back is not. */
export class CommittedPartitions {
  readonly #names = new Set<string>()

  has({ table, month }: PartitionMonth): boolean {
    return this.#names.has(`${table} ${month}`)
  }

  /** Call it once the transaction in which `ensurePartitions` returned them has committed. */
  add(months: readonly PartitionMonth[]): void {
    for (const { table, month } of months) this.#names.add(`${table} ${month}`)
  }
}

/** The partitions that rows with these times belong to. Times are milliseconds since 1970, or ISO-8601 in UTC. */
export function partitionsOf(
  table: PartitionedTable,
  times: Iterable<number | string>,
): readonly PartitionMonth[] {
  const months = new Set<string>()
  for (const time of times) months.add(monthOf(time))
  return Array.from(months, (month) => ({ table, month }))
}

/**
 * Makes the partitions that are not there, in the caller's transaction, and returns those it had to ask the
 * database for: tell `committed` of them after the commit, and the next call costs nothing. It must be a statement
 * before the insert, not a part of it. Throws what the database says for months before 2000 or more than a year
 * ahead, and for one whose partition has been detached.
 */
export async function ensurePartitions(
  tx: Query,
  wanted: readonly PartitionMonth[],
  committed?: CommittedPartitions,
): Promise<readonly PartitionMonth[]> {
  const unknown = wanted.filter((month) => !committed?.has(month))
  if (unknown.length === 0) return []
  await tx(
    `select ensure_partition(wanted."table"::regclass, (wanted.month || '-01T00:00:00Z')::timestamptz)
    from json_to_recordset($1::text::json) as wanted ("table" text, month text)
    order by wanted."table", wanted.month`,
    [JSON.stringify(unknown)],
  )
  return unknown
}

/** Makes the partitions of this month and the next two, by the database's clock, so that inserts find them made. */
export async function ensureMonthsAhead(tx: Query): Promise<void> {
  await tx(
    `select ensure_partition(parent::regclass, now() + months * interval '1 month')
    from json_array_elements_text($1::text::json) as parent
    cross join generate_series(0, 2) as months`,
    [JSON.stringify(partitionedTables)],
  )
}

const monthOf = (time: number | string): string => new Date(time).toISOString().slice(0, 7)
