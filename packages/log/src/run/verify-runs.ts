import {
  archivedAuditDigests,
  type AuditDigest,
  auditDigests,
  type Database,
  type Query,
} from '@steptrail/core'
import { checkRun, type Defect, type RunRecord, type RunVerdict } from '@steptrail/verify'
import { nodeSha256 } from '../key/node-sha256.ts'
import type { VerifyOptions } from '../verify/verify-options.ts'
import { alteredAudit, endsWithoutAudit } from './altered-audit.ts'
import { nextExecutions, readRuns } from './read-runs.ts'

/** What was found of the executions: how many are complete and conform, and the first that does not. */
export interface RunsReport {
  /** Executions that are complete and conform to their definition. */
  readonly ended: number
  /** Executions that have not ended, and conform as far as they are. */
  readonly open: number
  readonly defect: Defect | null
  /** Whether it was ended before its end. */
  readonly isInterrupted: boolean
}

/** Which executions to look at. */
export type RunsRequest = Pick<VerifyOptions, 'since' | 'signal' | 'onProgress'>

const batchSize = 200

/** Verifies that every execution is complete and conforms; ends at the first that is not. */
export async function verifyRuns(database: Database, request: RunsRequest): Promise<RunsReport> {
  const { since = null, signal, onProgress } = request
  const total = await countExecutions(database, since)
  const found = { ended: 0, open: 0 }
  let after: string | null = null
  for (;;) {
    if (signal?.aborted) return { ...found, defect: null, isInterrupted: true }
    const ids = await nextExecutions(database.query, { after, since, limit: batchSize })
    const last = ids.at(-1)
    if (last === undefined)
      return { ...found, defect: await vanishedRun(database, since), isInterrupted: false }
    for (const verdict of await verdictsOf(database, ids)) {
      if (!verdict.ok) return { ...found, defect: verdict.defect, isInterrupted: false }
      found[verdict.hasEnded ? 'ended' : 'open'] += 1
    }
    onProgress?.({ of: 'executions', done: found.ended + found.open, total })
    after = last
  }
}

/** Verdicts on these executions, read in one snapshot. What retention lets go of goes with its row, so none lacks events. */
async function verdictsOf(database: Database, ids: readonly string[]): Promise<readonly RunVerdict[]> {
  return database.transaction(
    async (tx) => {
      const runs = await readRuns(tx, ids)
      const erasures = await readErasures(tx, runs)
      const audits = await auditsOf(tx, runs)
      return runs.map((run) => {
        const verdict = unexplainedErasure(run, erasures) ?? checkRun(run, nodeSha256)
        if (!verdict.ok || isErased(run)) return verdict
        return alteredAudit(run, audits(run)) ?? verdict
      })
    },
    { isolation: 'repeatable read', readOnly: true },
  )
}

/** The audits of each run; those that retention took are looked for where one is missing. */
async function auditsOf(
  tx: Query,
  runs: readonly RunRecord[],
): Promise<(run: RunRecord) => readonly AuditDigest[]> {
  const ids = runs.map(({ execution }) => execution.execution_id)
  const stored = Map.groupBy(await auditDigests(tx, ids), ({ executionId }) => executionId)
  const ofRun = ({ execution }: RunRecord) => stored.get(execution.execution_id) ?? []
  const lacking = runs.filter((run) => endsWithoutAudit(run, ofRun(run)).length > 0)
  if (lacking.length === 0) return ofRun
  const lackingIds = lacking.map(({ execution }) => execution.execution_id)
  const archived = Map.groupBy(await archivedAuditDigests(tx, lackingIds), ({ executionId }) => executionId)
  return (run) => [...ofRun(run), ...(archived.get(run.execution.execution_id) ?? [])]
}

/** Of the erasures that transitions name, those that are on record. */
async function readErasures(tx: Query, runs: readonly RunRecord[]): Promise<ReadonlySet<unknown>> {
  const named = runs.flatMap(({ transitions }) =>
    transitions.flatMap(({ metadata }) => erasureIn(metadata) ?? []),
  )
  if (named.length === 0) return new Set()
  const { rows } = await tx<{ erasure_id: string }>(
    'select distinct erasure_id from log_erasures where erasure_id = any(array(select uuid_or_null(named) from unnest($1::text[]) as given(named)))',
    [[...new Set(named)]],
  )
  return new Set(rows.map(({ erasure_id: id }) => id))
}

/** Transitions that are as erasure leaves them, by an erasure that nobody recorded: somebody took a result away. */
function unexplainedErasure(
  { execution, transitions }: RunRecord,
  erasures: ReadonlySet<unknown>,
): RunVerdict | null {
  const taken = transitions.find(({ metadata }) => {
    const erasure = erasureIn(metadata)
    return erasure !== undefined && !erasures.has(erasure)
  })
  if (taken === undefined) return null
  const problem = `transition ${taken.workflow_step_transition_uuid} says that it was erased, and no erasure on record did`
  const defect = { kind: 'run_incomplete', executionId: execution.execution_id, problem } as const
  return { ok: false, defect }
}

/** What executions were told is erased with their transitions, by whatever they were named. */
const isErased = ({ transitions }: RunRecord): boolean =>
  transitions.some(({ metadata }) => erasureIn(metadata) !== undefined)

/** Whoever made the metadata null has it found where the transition is looked at. */
function erasureIn(metadata: RunRecord['transitions'][number]['metadata'] | null): string | undefined {
  const id = metadata?.['erased_by']
  return typeof id === 'string' ? id : undefined
}

/** An execution that an event says was started, and of which there is nothing else: retention takes both. */
async function vanishedRun({ query }: Database, since: string | null): Promise<Defect | null> {
  const { rows } = await query<{ execution_id: string }>(selectVanished, [since])
  const [vanished] = rows
  return vanished
    ? {
        kind: 'run_incomplete',
        executionId: vanished.execution_id,
        problem: 'its events say that it was started, and it is gone with its steps',
      }
    : null
}

const selectVanished = `
select event.execution_id
from audit_event as event
where event.event_type = 'ORCHESTRATION_STARTED'
  and ($1::timestamptz is null or event."timestamp" >= $1::timestamptz)
  and uuid_or_null(event.execution_id) is not null
  and not exists (
    select from workflow_executions as execution where execution.execution_id = uuid_or_null(event.execution_id)
  )
order by event.id
limit 1`

async function countExecutions({ query }: Database, since: string | null): Promise<number> {
  const { rows } = await query<{ count: number }>(
    `select count(*) from workflow_executions
     where $1::timestamptz is null or coalesce(last_event_at, created_at) >= $1::timestamptz`,
    [since],
  )
  return rows[0]?.count ?? 0
}
