import type { Actor } from '@steptrail/event'
import type { Json } from '@steptrail/verify'
import type { Database, Query } from '../database/database.ts'
import type { Reader } from '../trail/compose.ts'

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

/** Writes down how a run ended. */
export async function endRun(
  query: Query,
  runId: string,
  end: { readonly result: object } | { readonly error: string },
): Promise<void> {
  await query('delete from retention_doomed where run_id = $1', [runId])
  await query(
    `update retention_run
    set status = $2, ended_at = clock_timestamp(), result = coalesce($3::text::jsonb, '{}'), error = $4
    where run_id = $1`,
    'error' in end ? [runId, 'failed', null, end.error] : [runId, 'done', JSON.stringify(end.result), null],
  )
}

/** Drops copies of months that runs have left which failed. */
export async function discardCopies({ query }: Pick<Database, 'query'>): Promise<void> {
  await query(
    `select retention_discard(parent.oid, to_date(right(left(copy.relname, -5), 7), 'YYYY_MM'))
    from pg_class as copy
    join pg_class as parent
      on parent.relname = left(copy.relname, -13)
      and parent.relnamespace = copy.relnamespace
      and parent.relkind = 'p'
    where copy.relnamespace = current_schema()::regnamespace
      and copy.relname ~ '_[0-9]{4}_[0-9]{2}_kept$'
      and copy.relkind = 'r'`,
  )
}
