import { createUuidV7Generator } from '@steptrail/event'
import type { Database } from '../database/database.ts'
import type { ArchivedFile } from './archive/archive.ts'
import { archiveDoomed } from './archive-doomed.ts'
import { freeMonths, type UnfreedMonth } from './free-months.ts'
import { letGo } from './let-go.ts'
import { findDoomed, type PlannedMonth, type RetentionPlan, timeOf } from './plan-retention.ts'
import { tablesBeside } from './retained-tables.ts'
import {
  beginRun,
  discardCopies,
  endRun,
  interruptedRuns,
  isDue,
  readResult,
  type RunResult,
} from './retention-runs.ts'
import {
  betweenLocks,
  changed,
  type RetentionOptions,
  type RunContext,
  type TrailState,
} from './run-context.ts'
import { withRetentionLock } from './retention-lock.ts'

/** What a run did, and which it was. */
export interface RetentionResult extends RunResult {
  readonly runId: string
  /** Months that went, now or before, whose files are still there: what uses them has to end. The next run tries again. */
  readonly unfreed: readonly UnfreedMonth[]
}

const nextId = createUuidV7Generator()

/**
 * Lets go of what no policy and no hold wants any more: closes the months, archives what goes, reads the archive back,
 * and only then puts what stays in their place, in one transaction. Whatever fails before, nothing is let go of, and
 * the next run begins anew. The files of what went are freed after it, or by the next run when this one is ended first.
 *
 * @throws TrailError `retention_running`; `retention_changed` when a hold or policy changed, an execution was taken up,
 *   or something was erased, while it ran; `retention_blocked` when long transactions left it no moment; what the archive
 *   throws
 */
export async function runRetention(database: Database, options: RetentionOptions): Promise<RetentionResult> {
  return await withRetentionLock(database, () => runAlone(database, options))
}

/**
 * The same, unless a run has come to its end since it was last this hour of the day, in UTC and by the database's
 * clock: then it does nothing and returns null.
 */
export async function runDueRetention(
  database: Database,
  options: RetentionOptions,
  hour: number,
): Promise<RetentionResult | null> {
  return await withRetentionLock(database, async () =>
    (await isDue(database.query, hour)) ? await runAlone(database, options) : null,
  )
}

async function runAlone(database: Database, options: RetentionOptions): Promise<RetentionResult> {
  await clearInterrupted(database, options)
  const at = await timeOf(database.query, options.now)
  const runId = nextId(Date.now())
  await beginRun(database.query, runId, options.by)
  try {
    return await work(database, { runId, at, options })
  } catch (error) {
    return await afterFailure(database, { runId, at, options }, error)
  }
}

/** A run whose last commit went through, and only its answer was lost, is done: its archive must stay. */
async function afterFailure(
  database: Database,
  { runId, options }: RunContext,
  error: unknown,
): Promise<RetentionResult> {
  const message = error instanceof Error ? error.message : String(error)
  const hasFailed = await endRun(database, runId, { error: message })
  if (!hasFailed) {
    const done = await readResult(database.query, runId)
    if (done) return { runId, ...done, unfreed: await notFreedYet(database) }
    throw error
  }
  await discardCopies(database)
  await options.archive?.discard(runId)
  throw error
}

async function work(database: Database, context: RunContext): Promise<RetentionResult> {
  const { runId, at, options } = context
  const first = await database.transaction((tx) => findDoomed(tx, runId, at))
  const before = await stateOf(database)
  for (const month of first.months) await closeMonth(database, month, options)
  // What was written while the months were open has been counted by now.
  const plan = await database.transaction((tx) => findDoomed(tx, runId, at))
  const closed = new Set(first.months.map(({ partition }) => partition))
  const late = plan.months.find(({ partition }) => !closed.has(partition))
  if (late) throw changed(`rows of ${late.partition} have come to their end`)
  const last = plan.months.at(-1)
  if (last) await options.ensureSealed?.(endOf(last.month))
  const files = await prepare(database, context, plan)
  options.signal?.throwIfAborted()
  const resultAuditCount = await letGo(database, context, { plan, files, before })
  const { executionCount, months } = plan
  const unfreed = await freeMonths(database, options)
  return { runId, at, executionCount, resultAuditCount, months, files, unfreed }
}

/** After a run whose answer was lost. */
async function notFreedYet({ query }: Pick<Database, 'query'>): Promise<readonly UnfreedMonth[]> {
  const months = await tablesBeside(query, 'gone')
  return months.map(({ table }) => ({
    table,
    reason: 'it was not tried: an answer of the database was lost',
  }))
}

/** Copies what stays and archives what goes; nothing is changed yet. */
async function prepare(
  database: Database,
  context: RunContext,
  plan: RetentionPlan,
): Promise<readonly ArchivedFile[]> {
  const { runId, at, options } = context
  for (const { table, month, partition, keepCount } of plan.months) {
    options.signal?.throwIfAborted()
    const { rows } = await database.query<{ kept: number }>(
      'select retention_copy($1::text::regclass, $2::date, $3, $4) as kept',
      [table, `${month}-01`, runId, at],
    )
    if (rows[0]?.kept !== keepCount) throw changed(`${partition} has other rows than were counted`)
  }
  return await archiveDoomed(database.query, context, plan)
}

async function closeMonth(
  database: Database,
  { table, month, partition }: PlannedMonth,
  { lockTimeoutMs = 500, lockTries = 20, signal }: RetentionOptions,
): Promise<void> {
  await betweenLocks({ place: partition, lockTries, signal }, () =>
    database.transaction(async (tx) => {
      await tx(`select set_config('lock_timeout', $1, true)`, [`${lockTimeoutMs}ms`])
      await tx('select retention_close($1::text::regclass, $2::date)', [table, `${month}-01`])
    }),
  )
}

/** The instant at which a month is over, in UTC. */
function endOf(month: string): string {
  const [year = 0, number = 0] = month.split('-').map(Number)
  return new Date(Date.UTC(year, number)).toISOString()
}

async function stateOf({ query }: Pick<Database, 'query'>): Promise<TrailState> {
  const { rows } = await query<TrailState>(
    'select retention_rules() as rules, pg_current_snapshot()::text as snapshot',
  )
  return rows[0] ?? { rules: '', snapshot: '1:1:' }
}

/** What a run that was killed has left. */
async function clearInterrupted(database: Database, options: RetentionOptions): Promise<void> {
  const { archive } = options
  for (const runId of await interruptedRuns(database.query)) {
    await archive?.discard(runId)
    await endRun(database, runId, { error: 'it was interrupted' })
  }
  await discardCopies(database)
  await freeMonths(database, options)
}
