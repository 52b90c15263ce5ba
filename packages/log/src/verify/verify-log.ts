import type { Database } from '@steptrail/core'
import {
  type Checkpoint,
  type Defect,
  parseCheckpoint,
  type TreePosition,
  type VerifierKey,
  verifyCheckpoint,
  vkeyOf,
} from '@steptrail/verify'
import { defaultOrigin } from '../seal/begin-log.ts'
import { readTrees, type TreeState } from '../tree/tree-state.ts'
import { defectAround, type LogAndNext } from './around-the-log.ts'
import {
  type EarlierCheckpoint,
  readEarlierCheckpoints,
  type DatedTree,
  signedTrees,
  type Trust,
} from './signed-trees.ts'
import { keysInDatabase, trustedKeys } from './trusted-checkpoint.ts'
import type { LogReport, LogVerdict, VerifyOptions } from './verify-options.ts'
import { requireColumns } from './require-columns.ts'
import { requireSight } from './require-sight.ts'
import { positionOf, type Walked, walkLog } from './walk-log.ts'

/**
 * Verifies every log of the database: makes each leaf anew from what is stored, each tree anew from its leaves, and
 * compares them with the checkpoints that were signed, those of the past and the one that is remembered outside the
 * database too. Says the first thing that is wrong, in the order of the log. Recording, sealing, erasing and retention
 * may go on meanwhile: what was signed is read before the tree that must contain it, which can only have grown since.
 *
 * @throws TrailError `insufficient_privilege` for who does not see every tenant's events; `schema_edited` where a column
 *   has another type than it was made with
 */
export async function verifyLogs(database: Database, options: VerifyOptions = {}): Promise<LogVerdict> {
  await requireSight(database.query)
  await requireColumns(database.query)
  const remembered = await rememberedOrigin(database, options)
  const trees = await readTrees(database.query)
  const logs: LogReport[] = []
  const gone = goneOf(trees, { remembered, keys: options.keys ?? [] })
  if (gone !== null) return lost(gone, logs)
  for (const [place, { logId, origin }] of trees.entries()) {
    if (isBehind(options.resumeAt, { logId, trees })) continue
    const log = await readLog(database, { logId, origin, next: trees[place + 1] ?? null, options })
    if (log === null) return lost(origin, logs)
    const found = await verifyOne(database, log)
    if (found.report) logs.push(found.report)
    if (found.interruptedAt)
      return { outcome: 'interrupted', logs, position: { origin, ...found.interruptedAt } }
    if (found.defect) return { outcome: 'defect', logs, origin, defect: found.defect }
  }
  const last = trees.at(-1)
  return last === undefined || last.endedAt === null
    ? { outcome: 'verified', logs }
    : { outcome: 'defect', logs, origin: last.origin, defect: { kind: 'log_ended', origin: last.origin } }
}

/** The name of a log that there has to be: the one that is remembered, or, where there is none at all, one whose key was given. */
function goneOf(
  trees: readonly TreeState[],
  { remembered, keys }: { readonly remembered: string | null; readonly keys: readonly VerifierKey[] },
): string | null {
  if (remembered !== null && !trees.some(({ origin }) => origin === remembered)) return remembered
  return trees.length > 0 ? null : (keys[0]?.name ?? null)
}

const lost = (origin: string, logs: readonly LogReport[]): LogVerdict => ({
  outcome: 'defect',
  logs,
  origin,
  defect: { kind: 'log_missing', origin },
})

/** The name of the log that is remembered outside; null when none is. */
async function rememberedOrigin(
  database: Database,
  { memory, origin }: VerifyOptions,
): Promise<string | null> {
  const expected = origin ?? (await defaultOrigin(database.query))
  return memory && (await memory.read(expected)) !== null ? expected : null
}

/** Whether a walk that goes on had passed this log. */
function isBehind(
  resumeAt: VerifyOptions['resumeAt'],
  { logId, trees }: { readonly logId: number; readonly trees: readonly TreeState[] },
): boolean {
  const resumed = resumeAt && trees.find(({ origin }) => origin === resumeAt.origin)
  return resumed !== undefined && logId < resumed.logId
}

interface OneLog extends LogAndNext {
  readonly earlier: readonly EarlierCheckpoint[]
  readonly options: VerifyOptions
}

/** A log as it is now, after what was signed of it; null when it is gone. */
async function readLog(
  database: Database,
  { next, options, ...log }: Pick<TreeState, 'logId' | 'origin'> & Pick<OneLog, 'next' | 'options'>,
): Promise<OneLog | null> {
  const earlier = await readEarlierCheckpoints(database, log, options.memory)
  const tree = (await readTrees(database.query)).find(({ logId }) => logId === log.logId)
  return tree ? { tree, next, earlier, options } : null
}

interface FoundOfLog {
  readonly report: LogReport | null
  readonly defect: Defect | null
  readonly interruptedAt: TreePosition | null
}

const defective = (defect: Defect): FoundOfLog => ({ report: null, defect, interruptedAt: null })

async function verifyOne(database: Database, log: OneLog): Promise<FoundOfLog> {
  const { tree, options } = log
  if (tree.checkpoint === null) return unsignedLog(log)
  const known = await keysInDatabase(database.query, tree.logId)
  const trusted = await trustedKeys(database.query, tree, options.keys ?? [])
  const latest = await verifyCheckpoint({
    checkpoint: tree.checkpoint,
    source: 'latest',
    origin: tree.origin,
    keys: trusted,
  })
  if (!latest.ok) return defective(latest.defect)
  const signed = await signedTrees(log, { latest, trusted, known })
  if (!Array.isArray(signed)) return defective(signed as Defect)
  const start = await startOf(database, log, signed as readonly DatedTree[])
  if (start === null) return defective(rootMismatch(latest.checkpoint))
  const { size } = latest.checkpoint
  if (start.size > size) return defective({ kind: 'log_set_back', size, known: start.size, source: 'walk' })
  // Beside the walk, since that leaves the database time, and neither needs what the other finds.
  const around = defectAround(database, log)
  around.catch(() => undefined)
  const walked = await walkLog(database, {
    tree,
    signed,
    start,
    batchSize: options.batchSize ?? 2000,
    signal: options.signal,
    onProgress: (done) => options.onProgress?.({ of: 'entries', done, total: size }),
  })
  const report = reportOf(tree, { latest, start, walked })
  if (walked.defect || walked.interruptedAt) return { ...walked, report }
  return { report, defect: await around, interruptedAt: null }
}

/** A log without a checkpoint is either new, or had one taken from it. */
function unsignedLog({ earlier }: OneLog): FoundOfLog {
  const newest = earlier.at(-1)
  if (newest === undefined) return { report: null, defect: null, interruptedAt: null }
  const known = parseCheckpoint(newest.checkpoint)?.checkpoint.size ?? 0
  return defective({ kind: 'log_set_back', size: 0, known, source: newest.source })
}

const nothing: TreePosition = { size: 0, edge: [] }

/** Where the walk begins; null when what it is to begin with is not as signed. */
async function startOf(
  database: Database,
  { tree, options }: OneLog,
  signed: readonly DatedTree[],
): Promise<TreePosition | null> {
  if (options.resumeAt?.origin === tree.origin) return options.resumeAt
  if (options.since === undefined) return nothing
  const since = Date.parse(options.since) / 1000
  const believed = signed.findLast(
    ({ source, time }) => source === 'history' && time !== null && time <= since,
  )
  return believed ? positionOf(database.query, tree, believed) : nothing
}

const rootMismatch = ({ size }: Checkpoint): Defect => ({
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
    size: latest.checkpoint.size,
    from: start.size,
    unsigned: tree.size - latest.checkpoint.size,
    signedAt: typeof time === 'number' ? new Date(time * 1000).toISOString() : null,
    signedBy: latest.signedBy.filter(({ key }) => key.type === 'ed25519').map(({ key }) => vkeyOf(key)),
    endedAt: tree.endedAt,
  }
}
