import { type Database, snapshotOfCursor } from '@steptrail/core'
import {
  type Defect,
  parseCheckpoint,
  type SignedTree,
  type TreePosition,
  type VerifierKey,
  vkeyOf,
} from '@steptrail/verify'
import { defaultOrigin } from '../seal/begin-log.ts'
import { readTrees, type TreeState } from '../tree/tree-state.ts'
import { erasureDefect } from './erasure-defect.ts'
import { readPrunedRanges } from './pruned-ranges.ts'
import {
  type CheckpointVerdict,
  keysInDatabase,
  trustedKeys,
  verifyCheckpoint,
} from './trusted-checkpoint.ts'
import type { LogReport, LogVerdict, VerifyOptions } from './verify-options.ts'
import { requireSight } from './require-sight.ts'
import { positionOf, type Walked, walkLog } from './walk-log.ts'

/**
 * Verifies every log of the database: makes each leaf anew from what is stored, each tree anew from its leaves, and
 * compares them with the checkpoints that were signed, those of the past and the one that is remembered outside the
 * database too. Says the first thing that is wrong, in the order of the log.
 *
 * @throws TrailError `insufficient_privilege` for who does not see every tenant's events
 */
export async function verifyLogs(database: Database, options: VerifyOptions = {}): Promise<LogVerdict> {
  await requireSight(database.query)
  const trees = await readTrees(database.query)
  const logs: LogReport[] = []
  const lost = await missingLog(database, trees, options)
  if (lost !== null)
    return { outcome: 'defect', logs, origin: lost, defect: { kind: 'log_missing', origin: lost } }
  for (const [place, tree] of trees.entries()) {
    const { origin } = tree
    if (options.resumeAt && trees.some((other) => other.origin === options.resumeAt?.origin))
      if (tree.logId < (trees.find((other) => other.origin === options.resumeAt?.origin)?.logId ?? 0))
        continue
    const found = await verifyOne(database, { tree, next: trees[place + 1] ?? null, options })
    if (found.report) logs.push(found.report)
    if (found.interruptedAt)
      return { outcome: 'interrupted', logs, position: { origin, ...found.interruptedAt } }
    if (found.defect) return { outcome: 'defect', logs, origin, defect: found.defect }
  }
  return { outcome: 'verified', logs }
}

/** The name of a log that is remembered outside and is not in the database; null when there is none. */
async function missingLog(
  database: Database,
  trees: readonly TreeState[],
  { memory, origin }: VerifyOptions,
): Promise<string | null> {
  const expected = origin ?? (await defaultOrigin(database.query))
  if (!memory || trees.some((tree) => tree.origin === expected)) return null
  return (await memory.read(expected)) === null ? null : expected
}

interface OneLog {
  readonly tree: TreeState
  /** The log that took its place. */
  readonly next: TreeState | null
  readonly options: VerifyOptions
}

interface FoundOfLog {
  readonly report: LogReport | null
  readonly defect: Defect | null
  readonly interruptedAt: TreePosition | null
}

const defective = (defect: Defect): FoundOfLog => ({ report: null, defect, interruptedAt: null })

async function verifyOne(database: Database, log: OneLog): Promise<FoundOfLog> {
  const { tree, options } = log
  if (tree.checkpoint === null) return unsignedLog(database, log)
  const known = await keysInDatabase(database.query, tree.logId)
  const trusted = await trustedKeys(database.query, tree, options.keys ?? [])
  const latest = await verifyCheckpoint({
    ...tree,
    checkpoint: tree.checkpoint,
    source: 'latest',
    keys: trusted,
  })
  if (!latest.ok) return defective(latest.defect)
  const signed = await signedTrees(database, log, { latest, keys: [...trusted, ...known] })
  if (!Array.isArray(signed)) return defective(signed as Defect)
  const start = await startOf(database, log, signed)
  if (start === null) return defective(rootMismatch(latest.tree))
  // Beside the walk, since that leaves the database time, and neither needs what the other finds.
  const around = defectAround(database, log)
  around.catch(() => undefined)
  const walked = await walkLog(database, {
    tree,
    signed,
    start,
    pruned: await readPrunedRanges(database.query),
    batchSize: options.batchSize ?? 2000,
    signal: options.signal,
    onProgress: (done) => options.onProgress?.({ of: 'entries', done, total: latest.tree.size }),
  })
  const report = reportOf(tree, { latest, start, walked })
  if (walked.defect || walked.interruptedAt) return { ...walked, report }
  return { report, defect: await around, interruptedAt: null }
}

/** A log without a checkpoint is either new, or had one taken from it. */
async function unsignedLog(database: Database, { tree, options }: OneLog): Promise<FoundOfLog> {
  const remembered = (await options.memory?.read(tree.origin)) ?? null
  const known = remembered && parseCheckpoint(remembered)?.checkpoint.size
  if (known) return defective({ kind: 'log_set_back', size: 0, known, source: 'memory' })
  const { rows } = await database.query<{ tree_size: number }>(
    'select max(tree_size) as tree_size from log_checkpoints where log_id = $1 having count(*) > 0',
    [tree.logId],
  )
  if (rows[0])
    return defective({ kind: 'log_set_back', size: 0, known: rows[0].tree_size, source: 'history' })
  return { report: null, defect: null, interruptedAt: null }
}

interface Trust {
  readonly latest: Extract<CheckpointVerdict, { ok: true }>
  readonly keys: readonly VerifierKey[]
}

/** Every tree that was signed, the smallest first, or what is wrong with one of the checkpoints. */
async function signedTrees(
  database: Database,
  { tree, next, options }: OneLog,
  { latest, keys }: Trust,
): Promise<readonly SignedTree[] | Defect> {
  const { size } = latest.tree
  const trees: SignedTree[] = []
  for (const { checkpoint, source } of await otherCheckpoints(database, tree, options)) {
    const verdict = await verifyCheckpoint({ checkpoint, source, origin: tree.origin, keys })
    if (!verdict.ok) return verdict.defect
    if (verdict.tree.size <= size) trees.push(verdict.tree)
    else if (source !== 'memory' || next?.predecessor !== checkpoint)
      return { kind: 'log_set_back', size, known: verdict.tree.size, source }
  }
  return [...trees, latest.tree].toSorted((one, other) => one.size - other.size)
}

async function otherCheckpoints(
  database: Database,
  { logId, origin }: TreeState,
  { memory }: VerifyOptions,
): Promise<readonly { readonly checkpoint: string; readonly source: 'history' | 'memory' }[]> {
  const { rows } = await database.query<{ checkpoint: string }>(
    'select checkpoint from log_checkpoints where log_id = $1 order by tree_size',
    [logId],
  )
  const remembered = (await memory?.read(origin)) ?? null
  return [
    ...rows.map(({ checkpoint }) => ({ checkpoint, source: 'history' as const })),
    ...(remembered === null ? [] : [{ checkpoint: remembered, source: 'memory' as const }]),
  ]
}

const nothing: TreePosition = { size: 0, edge: [] }

/** Where the walk begins; null when what it is to begin with is not as signed. */
async function startOf(
  database: Database,
  { tree, options }: OneLog,
  signed: readonly SignedTree[],
): Promise<TreePosition | null> {
  if (options.resumeAt?.origin === tree.origin) return options.resumeAt
  if (options.since === undefined) return nothing
  const { rows } = await database.query<{ tree_size: number }>(
    'select max(tree_size) as tree_size from log_checkpoints where log_id = $1 and signed_at <= $2 having count(*) > 0',
    [tree.logId, options.since],
  )
  const believed = signed.find(({ size }) => size === rows[0]?.tree_size)
  return believed ? positionOf(database.query, tree, believed) : nothing
}

const rootMismatch = ({ size }: SignedTree): Defect => ({
  kind: 'root_mismatch',
  size,
  since: 0,
  source: 'history',
})

function reportOf(
  tree: TreeState,
  { latest, start, walked }: { latest: Trust['latest']; start: TreePosition; walked: Walked },
): LogReport {
  const time = latest.signedBy.find((one) => one.time !== null)?.time
  const { verified, dropped, erased, wholeFrom } = walked
  return {
    verified,
    dropped,
    erased,
    wholeFrom,
    origin: tree.origin,
    size: latest.tree.size,
    from: start.size,
    unsigned: tree.size - latest.tree.size,
    signedAt: typeof time === 'number' ? new Date(time * 1000).toISOString() : null,
    signedBy: latest.signedBy.filter(({ key }) => key.type === 'ed25519').map(({ key }) => vkeyOf(key)),
    endedAt: tree.endedAt,
  }
}

/** What can be wrong although every entry is as signed: more entries than leaves, events beside the log. */
async function defectAround(database: Database, { tree, next }: OneLog): Promise<Defect | null> {
  const { rows } = await database.query<{ log_index: number }>(
    'select min(log_index) as log_index from log_entries where log_id = $1 and log_index >= $2 having count(*) > 0',
    [tree.logId, tree.size],
  )
  if (rows[0]) return { kind: 'entry_beyond_the_tree', index: rows[0].log_index, size: tree.size }
  if (tree.predecessor !== null && !(await namesPredecessor(database, tree)))
    return { kind: 'predecessor_unnamed', origin: tree.origin }
  const unexplained = await erasureDefect(database.query, tree)
  if (unexplained || next) return unexplained
  return await eventBesideTheLog(database, tree)
}

/** Whether the first entry of a log is the event that names the checkpoint of the log before it. */
async function namesPredecessor(database: Database, { logId, predecessor }: TreeState): Promise<boolean> {
  const { rows } = await database.query<{ named: string | null }>(
    `select event.details ->> 'predecessor' as named
     from log_entries as entry
     join audit_event as event on event.id = entry.event_id and event."timestamp" = entry.event_timestamp
     where entry.log_id = $1
       and entry.log_index = 0
       and event.event_type = 'TRAIL_LOG_RESTARTED'`,
    [logId],
  )
  return rows[0]?.named === predecessor
}

async function eventBesideTheLog(database: Database, { feedCursor }: TreeState): Promise<Defect | null> {
  const snapshot = feedCursor === null ? null : await snapshotOfCursor(database, feedCursor)
  if (snapshot === null) return null
  const { rows } = await database.query<{ id: string }>(selectBeside, [snapshot])
  return rows[0] ? { kind: 'event_not_in_log', eventId: rows[0].id } : null
}

/** Numbers are compared, since `pg_visible_in_snapshot` takes those of events only by way of a text. */
const selectBeside = `
select event.id
from audit_event as event
where event.tx < (select pg_snapshot_xmax($1::text::pg_snapshot)::text::bigint)
  and event.tx <> all (array(select pg_snapshot_xip($1::text::pg_snapshot)::text::bigint))
  and not exists (
    select from log_entries as entry
    where entry.event_id = event.id
      and entry.event_timestamp = event."timestamp"
  )
order by event.id
limit 1`
