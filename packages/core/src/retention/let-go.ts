import { TrailError } from '@steptrail/event'
import type { Database, Query } from '../database/database.ts'
import { recordAdministration } from '../trail/record-administration.ts'
import type { ArchivedFile } from './archive/archive.ts'
import type { RetentionPlan } from './plan-retention.ts'
import { endRunIn } from './retention-runs.ts'
import { betweenLocks, changed, type RunContext, type TrailState } from './run-context.ts'

/** What has been prepared, and what must still hold. */
export interface Prepared {
  readonly plan: RetentionPlan
  readonly files: readonly ArchivedFile[]
  readonly before: TrailState
}

/**
 * Lets go of what has been archived, all in one transaction: so no sequence has a hole, whoever reads meanwhile misses
 * nothing that stays, and it is on record. Returns how many result audits went. Inserts wait for the last part alone.
 */
export async function letGo(database: Database, context: RunContext, prepared: Prepared): Promise<number> {
  const { lockTimeoutMs = 500, lockTries = 20, signal } = context.options
  try {
    return await betweenLocks({ place: 'what is to go', lockTries, signal }, () =>
      database.transaction(async (tx) => {
        await tx(`select set_config('lock_timeout', $1, true)`, [`${lockTimeoutMs}ms`])
        await requireUnchanged(tx, context, prepared.before)
        const resultAuditCount = await replaceMonths(tx, context, prepared)
        await requireNothingErased(tx, prepared.before)
        return resultAuditCount
      }),
    )
  } catch (error) {
    if (error instanceof TrailError && error.code === 'transition_conflict')
      throw changed('an execution that was to go has been taken up again')
    throw error
  }
}

/** Holds and policies stay as they are from here until the end of the transaction. */
async function requireUnchanged(tx: Query, { runId }: RunContext, before: TrailState): Promise<void> {
  await tx('select retention_keep_rules()')
  const { rows } = await tx<{ rules: string; running: boolean; disturbed: boolean }>(
    `select retention_rules() as rules,
            exists (
              select from retention_run where run_id = $1 and status = 'running' for update
            ) as running,
            exists (
              select
              from audit_event as event
              join retention_doomed as doomed on doomed.run_id = $1 and doomed.execution_id = event.execution_id
              where ${committedSince('event', '$2')}
            ) as disturbed`,
    [runId, before.snapshot],
  )
  const [now] = rows
  if (now?.rules !== before.rules) throw changed('a hold or a policy was changed')
  if (!now.running) throw changed('another run has taken over')
  if (now.disturbed) throw changed('something was recorded of an execution that was to go')
}

/**
 * What was copied before an erasure would bring back what it erased. Asked once the months have been replaced: whoever
 * was erasing in them has committed by then, and whoever comes now finds the copies.
 */
async function requireNothingErased(tx: Query, before: TrailState): Promise<void> {
  const { rows } = await tx<{ erased: boolean }>(
    `select exists (
      select
      from audit_event as event
      where event_type = 'TRAIL_ERASED'
        and ${committedSince('event', '$1')}
    ) as erased`,
    [before.snapshot],
  )
  if (rows[0]?.erased) throw changed('something was erased')
}

/**
 * Whoever was recording something of an execution that goes had its row, and has committed by now. What was numbered then
 * would be all that is left of it.
 */
async function requireNothingNumbered(tx: Query, before: TrailState): Promise<void> {
  const { rows } = await tx<{ disturbed: boolean }>(
    `select exists (
      select
      from audit_event as event
      where ${committedSince('event', '$1')}
        and execution_seq is not null
        and not exists (
          select
          from workflow_executions as execution
          where execution.execution_id = uuid_or_null(event.execution_id)
        )
    ) as disturbed`,
    [before.snapshot],
  )
  if (rows[0]?.disturbed) throw changed('something was recorded of an execution that was to go')
}

/**
 * In SQL, whether an event was committed since a snapshot. One that came with a dump has the transaction of another
 * database, which may be still to come in this one: such a one is later than that which wrote the row here.
 */
const committedSince = (event: string, snapshot: `$${number}`): string => `(
  ${event}.tx >= pg_snapshot_xmin(${snapshot}::pg_snapshot)::text::bigint
  and ${event}.tx < pg_snapshot_xmax(pg_current_snapshot())::text::bigint
  and (${event}.xmin::text::bigint - ${event}.tx) & 4294967295 < 2147483648
  and not pg_visible_in_snapshot(${event}.tx::text::xid8, ${snapshot}::pg_snapshot)
)`

async function replaceMonths(
  tx: Query,
  { runId, at, options }: RunContext,
  { plan, files, before }: Prepared,
): Promise<number> {
  for (const { table, month, path, rowCount, digest, fileDigest } of files)
    await recordAdministration(tx, {
      eventType: 'TRAIL_PARTITION_ARCHIVED',
      status: 'SUCCESS',
      actorType: options.by.type,
      actorId: options.by.id,
      message: `Archived ${rowCount} rows of ${table}`,
      details: {
        partition: [table, month].filter(Boolean).join(' '),
        rowCount,
        digest,
        runId,
        path,
        fileDigest,
      },
    })
  const forgotten = await tx<{ count: number }>('select retention_forget($1) as count', [runId])
  await requireNothingNumbered(tx, before)
  for (const { table, month, dropCount, keepCount } of plan.months)
    await tx('select retention_replace($1::text::regclass, $2::date, $3, $4, $5)', [
      table,
      `${month}-01`,
      runId,
      dropCount,
      keepCount,
    ])
  const resultAuditCount = forgotten.rows[0]?.count ?? 0
  const { executionCount, months } = plan
  await endRunIn(tx, runId, { result: { at, executionCount, resultAuditCount, months, files } })
  return resultAuditCount
}
