import { randomUUID } from 'node:crypto'
import type { Database, Query } from '../database/database.ts'
import { isoOf } from '../execution/instant.ts'
import { candidateMonths, type RetainedMonth, rowsOf } from './retained-tables.ts'

/** What would become of one month of a table. */
export interface PlannedMonth extends RetainedMonth {
  readonly rowCount: number
  /** Rows that go. */
  readonly dropCount: number
  /** Rows that a policy or a hold still wants. */
  readonly keepCount: number
}

/** What a run would do now. */
export interface RetentionPlan {
  readonly at: string
  /** Executions that go, with all that is on record of them. */
  readonly executionCount: number
  /** Months of which something goes, the oldest first. */
  readonly months: readonly PlannedMonth[]
}

/** A dry run: what retention would let go of now. Nothing is changed. */
export async function planRetention(
  database: Pick<Database, 'transaction'>,
  options: { readonly now?: number } = {},
): Promise<RetentionPlan> {
  const runId = randomUUID()
  return await database.transaction(async (tx) => {
    const at = await timeOf(tx, options.now)
    const plan = await findDoomed(tx, runId, at)
    await tx('delete from retention_doomed where run_id = $1', [runId])
    return plan
  })
}

/** The time that a run goes by: the database's clock unless one is given. */
export async function timeOf(query: Query, now: number | undefined): Promise<string> {
  if (now !== undefined) return isoOf(now)
  const { rows } = await query<{ now: string }>('select clock_timestamp() as now')
  return rows[0]?.now ?? isoOf(Date.now())
}

/** Notes the executions that a run lets go of, and counts what goes with them. */
export async function findDoomed(query: Query, runId: string, at: string): Promise<RetentionPlan> {
  await query('delete from retention_doomed where run_id = $1', [runId])
  const doomed = await query<{ count: number }>('select retention_doom($1, $2) as count', [runId, at])
  const months: PlannedMonth[] = []
  for (const month of await candidateMonths(query, at)) {
    const planned = await countMonth(query, month, await conditionOf(query, month, { runId, at }))
    if (planned.dropCount > 0) months.push(planned)
  }
  return { at, executionCount: doomed.rows[0]?.count ?? 0, months }
}

/** In SQL, over a row `kept`: whether a run lets go of it. */
export async function conditionOf(
  query: Query,
  { table }: RetainedMonth,
  { runId, at }: { readonly runId: string; readonly at: string },
): Promise<string> {
  const { rows } = await query<{ condition: string }>(
    'select retention_condition($1::text::regclass, $2, $3) as condition',
    [table, runId, at],
  )
  return rows[0]?.condition ?? 'false'
}

async function countMonth(query: Query, month: RetainedMonth, condition: string): Promise<PlannedMonth> {
  const { rows } = await query<{ all: number; gone: number }>(
    `select count(*) as all, count(*) filter (where ${condition}) as gone from ${rowsOf(month)} as kept`,
  )
  const { all = 0, gone = 0 } = rows[0] ?? {}
  return { ...month, rowCount: all, dropCount: gone, keepCount: all - gone }
}
