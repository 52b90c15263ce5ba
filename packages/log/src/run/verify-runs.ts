import type { Database } from '@steptrail/core'
import { checkRun, type Defect, type RunVerdict } from '@steptrail/verify'
import { nodeSha256 } from '../key/node-sha256.ts'
import type { VerifyOptions } from '../verify/verify-options.ts'
import { nextExecutions, readRuns } from './read-runs.ts'

/** What was found of the executions: how many are complete and conform, and the first that does not. */
export interface RunsReport {
  /** Executions that are complete and conform to their definition. */
  readonly ended: number
  /** Executions that have not ended, and conform as far as they are. */
  readonly open: number
  /** Executions of which retention dropped events: nothing more can be said of them. */
  readonly dropped: number
  readonly defect: Defect | null
  /** Whether it was ended before its end. */
  readonly isInterrupted: boolean
}

/** Which executions to look at. */
export interface RunsRequest extends Pick<VerifyOptions, 'since' | 'signal' | 'onProgress'> {
  /** Months whose partition of events was dropped, as `2025_11`. */
  readonly droppedPartitions: ReadonlySet<string>
}

const batchSize = 200

/** Verifies that every execution is complete and conforms; ends at the first that is not. */
export async function verifyRuns(database: Database, request: RunsRequest): Promise<RunsReport> {
  const { since = null, signal, onProgress, droppedPartitions } = request
  const total = await countExecutions(database, since)
  const found = { ended: 0, open: 0, dropped: 0 }
  let after: string | null = null
  for (;;) {
    if (signal?.aborted) return { ...found, defect: null, isInterrupted: true }
    const ids = await nextExecutions(database.query, { after, since, limit: batchSize })
    const last = ids.at(-1)
    if (last === undefined) return { ...found, defect: null, isInterrupted: false }
    for (const verdict of await verdictsOf(database, ids, droppedPartitions)) {
      if (verdict === 'dropped') found.dropped += 1
      else if (!verdict.ok) return { ...found, defect: verdict.defect, isInterrupted: false }
      else found[verdict.hasEnded ? 'ended' : 'open'] += 1
    }
    onProgress?.({ of: 'executions', done: found.ended + found.open + found.dropped, total })
    after = last
  }
}

/** Verdicts on these executions, read in one snapshot. */
async function verdictsOf(
  database: Database,
  ids: readonly string[],
  droppedPartitions: ReadonlySet<string>,
): Promise<readonly (RunVerdict | 'dropped')[]> {
  return database.transaction(
    async (tx) => {
      const dropped = droppedPartitions.size === 0 ? new Set() : await beganIn(tx, ids, droppedPartitions)
      const runs = await readRuns(tx, ids)
      return runs.map((run) =>
        dropped.has(run.execution.execution_id) ? 'dropped' : checkRun(run, nodeSha256),
      )
    },
    { isolation: 'repeatable read', readOnly: true },
  )
}

async function beganIn(
  query: Database['query'],
  ids: readonly string[],
  months: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const { rows } = await query<{ execution_id: string }>(
    `select execution_id
     from workflow_executions
     where execution_id = any($1::uuid[])
       and to_char(created_at, 'YYYY_MM') = any($2::text[])`,
    [ids, [...months]],
  )
  return new Set(rows.map(({ execution_id: id }) => id))
}

async function countExecutions({ query }: Database, since: string | null): Promise<number> {
  const { rows } = await query<{ count: number }>(
    `select count(*) from workflow_executions
     where $1::timestamptz is null or coalesce(last_event_at, created_at) >= $1::timestamptz`,
    [since],
  )
  return rows[0]?.count ?? 0
}
