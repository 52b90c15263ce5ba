import type { Database, Query } from '@steptrail/core'
import { type Actor, type Clock, systemClock, TrailError } from '@steptrail/event'
import { hexOf, keyIdOf, vkeyOf } from '@steptrail/verify'
import type { OutsideMemory } from '../memory/outside-memory.ts'
import { makeKeyKnown, recordOfTrail } from '../seal/begin-log.ts'
import { seal, type Sealed } from '../seal/sealer.ts'
import { currentKey, requireKey } from '../seal/sign.ts'
import { readOpenTree } from '../tree/tree-state.ts'
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
 * Goes over to another key: both go on record, and the next checkpoint, which covers that, is signed by both, so who
 * trusts the old one can trust the new one. Done again after a crash in the middle, it goes on where it was.
 *
 * @throws TrailError `log_not_begun`; `log_key_mismatch` where the key given does not sign now; what `seal` throws
 */
export async function rotateKey(database: Database, options: RotateOptions): Promise<Sealed> {
  const { key, next, memory, clock = systemClock } = options
  await database.transaction((tx) => goOver(tx, { ...options, clock }))
  return seal(database, { key: next, besides: key, memory, clock })
}

async function goOver(tx: Query, options: RotateOptions & { readonly clock: Clock }): Promise<void> {
  const { key, next, actor, reason, clock } = options
  const tree = await readOpenTree(tx, 'for update')
  if (!tree)
    throw new TrailError('log_not_begun', 'there is no log whose key could change: run `steptrail seal`')
  const { origin, logId, size } = tree
  if ((await currentKey(tx, logId)) === vkeyOf(next.verifierKey(origin))) return
  await requireKey(tx, tree, key)
  await recordOfTrail(tx, {
    eventType: 'TRAIL_KEY_REVOKED',
    actor,
    reason,
    nowMs: clock.now(),
    details: { keyId: hexOf(keyIdOf(key.verifierKey(origin))), purpose: 'log', origin },
  })
  await makeKeyKnown(tx, { logId, origin, sinceSize: size }, { key: next, clock, actor })
}
