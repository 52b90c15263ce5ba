import type { Database, Query } from '@steptrail/core'
import { type Actor, type Clock, systemClock, TrailError } from '@steptrail/event'
import { hexOf, keyIdOf, vkeyOf } from '@steptrail/verify'
import type { OutsideMemory } from '../memory/outside-memory.ts'
import { makeKeyKnown, recordKey, recordOfTrail } from '../seal/begin-log.ts'
import { seal, type Sealed } from '../seal/sealer.ts'
import { currentKey, requireKey } from '../seal/sign.ts'
import { readOpenTree, type TreeState } from '../tree/tree-state.ts'
import { readHandovers } from '../verify/trusted-checkpoint.ts'
import type { SigningKey } from './signing-key.ts'

/** Which key gives way to which, by whose order and why. */
export interface RotateOptions {
  /** The key that signs now. */
  readonly key: SigningKey
  /** The key that signs from now on. */
  readonly next: SigningKey
  readonly memory: OutsideMemory
  readonly actor: Actor
  readonly reason: string
  readonly clock?: Clock | undefined
}

/**
 * Goes over to another key: both go on record, and the next checkpoint, which covers that, hands the log over to the new
 * one and is signed by both, so who trusts the old one can trust the new one. Done again after a crash in the middle, it
 * goes on where it was.
 *
 * @throws TrailError `log_not_begun`; `log_key_mismatch` where the key given does not sign now; what `seal` throws
 */
export async function rotateKey(database: Database, options: RotateOptions): Promise<Sealed> {
  const { key, next, memory, clock = systemClock } = options
  const given = { ...options, clock }
  await database.transaction((tx) => goOver(tx, given))
  for (;;) {
    const sealed = await seal(database, { key: next, besides: key, memory, clock })
    if (await database.transaction((tx) => isHandedOver(tx, given))) return sealed
    // The new key signed this size alone before, and one checkpoint of a size is kept: so there has to be another size.
    await database.transaction((tx) =>
      recordKey(tx, sealed.origin, { key: next, clock, actor: options.actor }),
    )
  }
}

/** Whether a checkpoint that is kept for good hands the log over to the new key. */
async function isHandedOver(tx: Query, { next }: Rotation): Promise<boolean> {
  const { logId, origin } = await openTree(tx)
  const vkey = vkeyOf(next.verifierKey(origin))
  const handovers = await readHandovers(tx, logId)
  return handovers.some(({ next: keys }) => keys.some((key) => vkeyOf(key) === vkey))
}

async function openTree(tx: Query): Promise<TreeState> {
  const tree = await readOpenTree(tx, 'for update')
  if (tree) return tree
  throw new TrailError('log_not_begun', 'there is no log whose key could change: run `steptrail seal`')
}

type Rotation = RotateOptions & { readonly clock: Clock }

async function goOver(tx: Query, options: Rotation): Promise<void> {
  const { key, next, actor, reason, clock } = options
  const tree = await openTree(tx)
  const { origin, logId } = tree
  if ((await currentKey(tx, logId)) === vkeyOf(next.verifierKey(origin))) return
  await requireKey(tx, tree, key)
  await recordOfTrail(tx, {
    eventType: 'TRAIL_KEY_REVOKED',
    actor,
    reason,
    nowMs: clock.now(),
    details: { keyId: hexOf(keyIdOf(key.verifierKey(origin))), purpose: 'log', origin },
  })
  await makeKeyKnown(tx, { logId, origin, sinceSize: tree.size }, { key: next, clock, actor })
}
