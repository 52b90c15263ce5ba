import type { Actor } from '@steptrail/event'
import type { Json } from '@steptrail/verify'
import { storableText } from '@steptrail/workflow'
import type { Database, Query } from '../database/database.ts'
import type { Reader } from '../trail/compose.ts'
import { type AdministrationEvent, recordAdministration } from '../trail/record-administration.ts'
import type { ArchivedFile } from './archive/archive.ts'
import type { PlannedMonth } from './plan-retention.ts'
import { tablesBeside } from './retained-tables.ts'

/** A run of retention, as it stands or ended. */
export interface RetentionRun {
  readonly runId: string
  /** `failed`: nothing was let go of. */
  readonly status: 'running' | 'done' | 'failed'
  readonly by: Actor
  readonly startedAt: string
  readonly endedAt: string | null
  /** What it did: see `RetentionResult`; empty until it is done. */
  readonly result: Json
  readonly error: string | null
}

/** The latest runs, the last one first; 20 unless a limit is given. */
export async function listRetentionRuns({ query }: Reader, limit = 20): Promise<readonly RetentionRun[]> {
  const { rows } = await query<RunRow>(
    `select run_id, status, actor_type, actor_id, started_at, ended_at, result, error
    from retention_run
    order by started_at desc, run_id desc
    limit $1`,
    [limit],
  )
  return rows.map((row) => ({
    runId: row.run_id,
    status: row.status,
    by: { type: row.actor_type, id: row.actor_id },
    startedAt: row.started_at,
    endedAt: row.ended_at,
    result: row.result,
    error: row.error,
  }))
}

interface RunRow {
  readonly run_id: string
  readonly status: RetentionRun['status']
  readonly actor_type: Actor['type']
  readonly actor_id: string
  readonly started_at: string
  readonly ended_at: string | null
  readonly result: Json
  readonly error: string | null
}

/** Runs that say they are under way. */
export async function interruptedRuns(query: Query): Promise<readonly string[]> {
  const { rows } = await query<{ run_id: string }>(
    `select run_id from retention_run where status = 'running'`,
  )
  return rows.map((row) => row.run_id)
}

/** Writes down that a run begins. */
export async function beginRun(query: Query, runId: string, by: Actor): Promise<void> {
  await query('insert into retention_run (run_id, actor_type, actor_id) values ($1, $2, $3)', [
    runId,
    by.type,
    by.id,
  ])
}

/**
 * Whether no run has come to its end that began since it was last this hour of the day, in UTC. One of the time to come
 * was begun by a clock that has been set back: it would keep every run of that time from being due.
 */
export async function isDue(query: Query, hour: number): Promise<boolean> {
  const { rows } = await query<{ due: boolean }>(
    `select not exists (
      select
      from retention_run
      where status = 'done'
        and started_at >= date_trunc('day', clock_timestamp() - $1::int * interval '1 hour', 'UTC')
          + $1::int * interval '1 hour'
        and started_at <= clock_timestamp()
    ) as due`,
    [hour],
  )
  return rows[0]?.due ?? false
}

/** How a run ended. */
export type RunEnd = { readonly result: RunResult } | { readonly error: string }

/** What a run did. */
export interface RunResult {
  readonly at: string
  /** Executions that went, with all that was on record of them. */
  readonly executionCount: number
  /** Result audits that went with them. */
  readonly resultAuditCount: number
  readonly months: readonly PlannedMonth[]
  readonly files: readonly ArchivedFile[]
}

/** Writes down how a run ended, and records it; false when it had ended before. */
export async function endRun(
  database: Pick<Database, 'transaction'>,
  runId: string,
  end: RunEnd,
): Promise<boolean> {
  return await database.transaction((tx) => endRunIn(tx, runId, end))
}

/** The same in a transaction that is under way. */
export async function endRunIn(tx: Query, runId: string, end: RunEnd): Promise<boolean> {
  await tx('delete from retention_doomed where run_id = $1', [runId])
  const { rows } = await tx<RunRow>(
    `update retention_run
    set status = $2, ended_at = clock_timestamp(), result = coalesce($3::text::jsonb, '{}'), error = $4
    where run_id = $1 and status = 'running'
    returning *`,
    'error' in end ? [runId, 'failed', null, end.error] : [runId, 'done', JSON.stringify(end.result), null],
  )
  const [run] = rows
  if (!run) return false
  await recordAdministration(tx, endOf(run, end))
  return true
}

function endOf(run: RunRow, end: RunEnd): AdministrationEvent {
  const ended = {
    eventType: 'TRAIL_RETENTION_ENDED' as const,
    actorType: run.actor_type,
    actorId: run.actor_id,
  }
  const { run_id: runId } = run
  if ('error' in end) {
    const details = { runId, executionCount: 0, rowCount: 0 }
    return {
      ...ended,
      status: 'FAILED',
      reason: storableText(end.error, 2_000),
      message: 'Retention let go of nothing',
      details,
    }
  }
  const { executionCount, months } = end.result
  const rowCount = months.reduce((sum, { dropCount }) => sum + dropCount, 0)
  return {
    ...ended,
    status: 'SUCCESS',
    message: `Retention let go of ${executionCount} executions`,
    details: { runId, executionCount, rowCount },
  }
}

/** What a run did that is done; null of one that is not. */
export async function readResult(query: Query, runId: string): Promise<RunResult | null> {
  const { rows } = await query<{ result: RunResult }>(
    `select result from retention_run where run_id = $1 and status = 'done'`,
    [runId],
  )
  return rows[0]?.result ?? null
}

/** Drops copies of months that runs have left which failed. */
export async function discardCopies({ query }: Pick<Database, 'query'>): Promise<void> {
  for (const { parent, month } of await tablesBeside(query, 'kept'))
    await query('select retention_discard($1::text::regclass, $2::date)', [parent, month])
}
