import { type Database, type Query } from '@steptrail/core'
import { type Actor, type Clock, systemClock, TrailError } from '@steptrail/event'
import { parseCheckpoint } from '@steptrail/verify'
import type { SigningKey } from '../key/signing-key.ts'
import { LeafBatch } from '../leaf/leaf-batch.ts'
import { leafValues } from '../leaf/leaf-members.ts'
import { allRemembered, type OutsideMemory } from '../memory/outside-memory.ts'
import { readOpenTree, readTrees, type TreeState } from '../tree/tree-state.ts'
import { insertLog, makeKeyKnown, recordOfTrail } from './begin-log.ts'
import { append } from './integrate.ts'
import { type Published, signLog } from './sign.ts'

/** Who begins another log, and why. */
export interface RestartOptions {
  readonly key: SigningKey
  readonly memory: OutsideMemory
  readonly actor: Actor
  readonly reason: string
  readonly clock?: Clock | undefined
  /** The name of the new log; that of the first with the next number that no log has or had, unless given. */
  readonly origin?: string | undefined
}

/** The log that was begun. */
export interface Restarted extends Published {
  readonly origin: string
  /** The log that ended. */
  readonly endedOrigin: string
  /** The last checkpoint that was known of it. */
  readonly predecessor: string
}

/**
 * Ends a log that cannot go on, as after the restore of a backup, and begins another. Its first entry is the event
 * that names the last checkpoint of the old one that is known, so that nobody can pass one off for the other. The old
 * log stays as it is and still verifies; events that it has stay in it, and all others go into the new one.
 *
 * @throws TrailError `log_not_begun` where no checkpoint of a log is known; `reason_required` without a reason
 */
export async function restartLog(database: Database, options: RestartOptions): Promise<Restarted> {
  const { key, memory, clock = systemClock, reason } = options
  if (reason.trim() === '')
    throw new TrailError('reason_required', 'another log begins only for a reason: say which with --reason')
  const begun = await database.transaction((tx) => begin(tx, { ...options, clock }))
  const published = await signLog(database, { key, memory, clock })
  return { ...published, ...begun }
}

type Beginning = RestartOptions & { readonly clock: Clock }

async function begin(tx: Query, options: Beginning): Promise<Omit<Restarted, keyof Published>> {
  const { actor, reason, clock } = options
  const old = await readOpenTree(tx, 'for update')
  const predecessor = old && (await lastKnown(old, options.memory))
  if (!predecessor)
    throw new TrailError(
      'log_not_begun',
      'no checkpoint of a log is known here, so there is none to restart: run `steptrail seal`',
    )
  const logId = old.logId + 1
  const origin = options.origin ?? (await freeOrigin(tx, logId, options.memory))
  await tx('update log_trees set ended_at = clock_timestamp(), fence = fence + 1 where log_id = $1', [
    old.logId,
  ])
  await insertLog(tx, { logId, origin, predecessor })
  const eventId = await recordOfTrail(tx, {
    eventType: 'TRAIL_LOG_RESTARTED',
    actor,
    reason,
    nowMs: clock.now(),
    details: { origin, endedOrigin: old.origin, predecessor },
  })
  await makeKeyKnown(tx, { logId, origin, sinceSize: 0 }, options)
  await appendFirst(tx, eventId)
  return { origin, endedOrigin: old.origin, predecessor }
}

/**
 * A name that no log has or had: where the same backup is restored twice, the log that was begun after the first time is
 * gone from the database, and remembered.
 */
async function freeOrigin(tx: Query, logId: number, memory: OutsideMemory): Promise<string> {
  const trees = await readTrees(tx)
  const taken = new Set(trees.map(({ origin }) => origin))
  for (let number = logId; ; number += 1) {
    const origin = `${trees[0]?.origin}/${number}`
    if (!taken.has(origin) && (await allRemembered(memory, origin)).length === 0) return origin
  }
}

/** The larger of the checkpoint in the database and the one that is remembered outside it. */
async function lastKnown({ origin, checkpoint }: TreeState, memory: OutsideMemory): Promise<string | null> {
  const known = [checkpoint, await memory.read(origin)].filter((one) => one !== null)
  return known.toSorted((one, other) => sizeOf(other) - sizeOf(one))[0] ?? null
}

const sizeOf = (checkpoint: string): number => parseCheckpoint(checkpoint)?.checkpoint.size ?? -1

async function appendFirst(tx: Query, eventId: string): Promise<void> {
  const text = `select ${leafValues} from audit_event where id = $1`
  const leaves = new LeafBatch()
  const { rows } = await tx<number>({ text, take: (row) => leaves.add(row) }, [eventId])
  const tree = await readOpenTree(tx)
  if (tree && rows.length === 1 && (await append(tx, tree, { leaves, cursor: null }))) return
  throw new TrailError(
    'log_inconsistent',
    'another process changed the log while it was restarted: look at it, and try again',
  )
}
