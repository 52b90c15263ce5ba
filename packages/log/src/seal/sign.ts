import type { Database, Query } from '@steptrail/core'
import { type Clock, TrailError } from '@steptrail/event'
import {
  checkpointText,
  handoverLine,
  noteText,
  parseCheckpoint,
  TiledTree,
  verifyConsistency,
  vkeyOf,
} from '@steptrail/verify'
import { nodeTreeHash } from '../key/node-sha256.ts'
import type { SigningKey } from '../key/signing-key.ts'
import { allRemembered, type OutsideMemory } from '../memory/outside-memory.ts'
import { tilesIn } from '../tree/read-tile.ts'
import { readOpenTree, type TreeState } from '../tree/tree-state.ts'

/** What signing takes. */
export interface Signing {
  readonly key: SigningKey
  readonly memory: OutsideMemory
  readonly clock: Clock
  /** A key that signs beside the first, on the way from one to the other. */
  readonly besides?: SigningKey | undefined
}

/** A checkpoint that was published. */
export interface Published {
  readonly checkpoint: string
  readonly size: number
  /** ISO 8601. */
  readonly signedAt: string
}

/**
 * Signs the log as it is committed, and publishes the checkpoint, while it holds the log's row: nobody else can sign in
 * the meantime, and a process that was stopped and wakes up too late cannot publish. Before, it reads the tree anew,
 * and compares it with the last checkpoint in the database and with the last one that is remembered outside.
 *
 * @throws TrailError `log_inconsistent`, `log_key_mismatch`, `log_clock_behind`; nothing was published then
 */
export function signLog(database: Database, signing: Signing): Promise<Published> {
  return database.transaction(async (tx) => {
    await tx(`set local idle_in_transaction_session_timeout = '60s'`)
    await tx(`set local synchronous_commit = on`)
    const tree = await readOpenTree(tx, 'for update')
    if (!tree) throw new TrailError('log_not_begun', 'there is no log to sign: run `steptrail seal`')
    await requireKey(tx, tree, signing.key)
    const time = timeOf(tree, signing.clock)
    const tiled = new TiledTree(tree.size, tilesIn(tx, tree), nodeTreeHash)
    const root = await tiled.root()
    await requireGrowth(tiled, { root, tree, since: tree.checkpoint, where: 'that the database has' })
    for (const since of await allRemembered(signing.memory, tree.origin))
      await requireGrowth(tiled, { root, tree, since, where: 'that is remembered outside the database' })
    const signed = signedCheckpoint(tree, { root, time, signing })
    const checkpoint = await signing.memory.write(tree.origin, signed, (size) => tiled.proveConsistency(size))
    await publish(tx, tree, { checkpoint, time, isKept: signing.besides !== undefined })
    return { checkpoint, size: tree.size, signedAt: isoOf(time) }
  })
}

/** The key that signs a log, as a vkey; undefined where none is known. */
export async function currentKey(query: Query, logId: number): Promise<string | undefined> {
  const { rows } = await query<{ vkey: string }>(
    'select vkey from log_keys where log_id = $1 order by since_size desc, created_at desc limit 1',
    [logId],
  )
  return rows[0]?.vkey
}

/** Makes sure that this key signs a log. Throws `log_key_mismatch`. */
export async function requireKey(query: Query, { logId, origin }: TreeState, key: SigningKey): Promise<void> {
  const known = await currentKey(query, logId)
  const given = vkeyOf(key.verifierKey(origin))
  if (known === given) return
  throw new TrailError(
    'log_key_mismatch',
    `${origin} is signed with the key ${known}, and the key given is ${given}: give that one, or go over to another with \`steptrail log rotate-key\``,
    { details: { origin, known, given } },
  )
}

/** A clock that is a little behind is waited for by standing still; one that is far behind is not believed. */
const toleratedMs = 60_000

/** Seconds since 1970: never less than at the last checkpoint. */
function timeOf({ signedAt, origin }: TreeState, clock: Clock): number {
  const nowMs = clock.now()
  const lastMs = signedAt === null ? nowMs : Date.parse(signedAt)
  if (nowMs >= lastMs - toleratedMs) return Math.floor(Math.max(nowMs, lastMs) / 1000)
  throw new TrailError(
    'log_clock_behind',
    `the clock says ${new Date(nowMs).toISOString()}, but ${origin} was signed at ${signedAt} last: set the clock; if it was ahead before, \`steptrail log restart\` begins another log`,
    { details: { origin, now: new Date(nowMs).toISOString(), signedAt } },
  )
}

interface Growth {
  readonly root: Uint8Array
  readonly tree: TreeState
  /** A signed checkpoint; null when there is none. */
  readonly since: string | null
  readonly where: string
}

/** The tree begins with the leaves of the checkpoint, or nothing is signed. */
async function requireGrowth(tiled: TiledTree, { root, tree, since, where }: Growth): Promise<void> {
  if (since === null) return
  const before = parseCheckpoint(since)?.checkpoint
  if (before?.origin !== tree.origin)
    throw inconsistent(
      tree,
      `the checkpoint ${where} is none of this log: ${JSON.stringify(since.slice(0, 200))}`,
    )
  if (before.size > tree.size)
    throw inconsistent(tree, `it has ${tree.size} entries, and the checkpoint ${where} covers ${before.size}`)
  const proof = await tiled.proveConsistency(before.size)
  const second = { size: tree.size, root }
  if (verifyConsistency({ first: before, second, proof }, nodeTreeHash)) return
  throw inconsistent(tree, `its first ${before.size} entries are not those of the checkpoint ${where}`)
}

const inconsistent = ({ origin }: TreeState, what: string): TrailError =>
  new TrailError(
    'log_inconsistent',
    `${origin} was not signed: ${what}. The database was set back or altered; \`steptrail verify\` says more, and \`steptrail log restart --reason …\` begins another log that names this one`,
    { details: { origin } },
  )

interface ToSign {
  readonly root: Uint8Array
  readonly time: number
  readonly signing: Signing
}

function signedCheckpoint({ origin, size }: TreeState, { root, time, signing }: ToSign): string {
  const extensions = signing.besides ? [handoverLine(signing.key.verifierKey(origin))] : []
  const text = checkpointText({ origin, size, root, extensions })
  const keys = signing.besides ? [signing.key, signing.besides] : [signing.key]
  return noteText({ text, signatures: keys.flatMap((key) => key.signatures(text, { origin, time })) })
}

const isoOf = (time: number): string => new Date(time * 1000).toISOString()

async function publish(
  tx: Query,
  tree: TreeState,
  { checkpoint, time, isKept }: { checkpoint: string; time: number; isKept: boolean },
): Promise<void> {
  const { rowCount } = await tx(updateCheckpoint, [tree.logId, tree.fence, checkpoint, isoOf(time), isKept])
  if (rowCount === 1) return
  throw inconsistent(tree, 'another process changed it in the meantime')
}

const updateCheckpoint = `
with published as (
  update log_trees
  set checkpoint = $3, checkpoint_size = tree_size, signed_at = $4::timestamptz, fence = fence + 1
  where log_id = $1
    and fence = $2
  returning log_id, tree_size, signed_at, checkpoint
), kept as (
  insert into log_checkpoints (log_id, tree_size, signed_at, checkpoint)
  select log_id, tree_size, signed_at, checkpoint
  from published
  where not exists (
    select from log_checkpoints as before
    where before.log_id = published.log_id
      and (
        before.tree_size = published.tree_size
        or (before.signed_at > published.signed_at - interval '1 minute' and not $5::boolean)
      )
  )
)
select from published`
