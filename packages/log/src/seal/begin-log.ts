import { randomUUID } from 'node:crypto'
import { type Database, insertEvents, type Query } from '@steptrail/core'
import { type Actor, type Clock, type EventDetails, uuidV7 } from '@steptrail/event'
import { hexOf, keyIdOf, vkeyOf } from '@steptrail/verify'
import { requireKeyName } from '../key/require-key-name.ts'
import type { SigningKey } from '../key/signing-key.ts'
import { readOpenTree, type TreeState } from '../tree/tree-state.ts'

/** What a log begins with. */
export interface LogBeginning {
  readonly key: SigningKey
  readonly clock: Clock
  /** Its name in checkpoints; made from the database's identity unless given. */
  readonly origin?: string | undefined
}

/** The log that grows. Where there is none it begins, and the key that signs it goes on record. */
export async function openLog(database: Database, beginning: LogBeginning): Promise<TreeState> {
  const open = await readOpenTree(database.query)
  if (open) return open
  return database.transaction(async (tx) => {
    await tx('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`steptrail log of ${database.schema}`])
    const begun = await readOpenTree(tx)
    if (begun) return begun
    const origin = beginning.origin ?? (await defaultOrigin(tx))
    await insertLog(tx, { logId: 1, origin, predecessor: null })
    await makeKeyKnown(tx, { logId: 1, origin, sinceSize: 0 }, beginning)
    const tree = await readOpenTree(tx)
    if (!tree) throw new Error(`log ${origin} was begun and is not there`)
    return tree
  })
}

/** Writes the row of a log. */
export async function insertLog(
  tx: Query,
  { logId, origin, predecessor }: Pick<TreeState, 'logId' | 'origin' | 'predecessor'>,
): Promise<void> {
  requireKeyName('log', origin)
  await tx('insert into log_trees (log_id, origin, predecessor) values ($1, $2, $3)', [
    logId,
    origin,
    predecessor,
  ])
}

/** Puts a key on record, in the table of keys and as an event, which will be sealed like any other. */
export async function makeKeyKnown(
  tx: Query,
  { logId, origin, sinceSize }: { logId: number; origin: string; sinceSize: number },
  made: MadeKey,
): Promise<void> {
  const vkey = vkeyOf(made.key.verifierKey(origin))
  await tx('insert into log_keys (log_id, vkey, since_size) values ($1, $2, $3)', [logId, vkey, sinceSize])
  await recordKey(tx, origin, made)
}

/** A key that signs a log, and by whose order; the sealer's unless given. */
export type MadeKey = Pick<LogBeginning, 'key' | 'clock'> & { readonly actor?: Actor }

/** Records that a key signs a log. */
export async function recordKey(
  tx: Query,
  origin: string,
  { key, clock, actor = sealerActor }: MadeKey,
): Promise<void> {
  const verifierKey = key.verifierKey(origin)
  const vkey = vkeyOf(verifierKey)
  await recordOfTrail(tx, {
    eventType: 'TRAIL_KEY_CREATED',
    actor,
    nowMs: clock.now(),
    reason: null,
    details: { keyId: hexOf(keyIdOf(verifierKey)), purpose: 'log', origin, vkey },
  })
}

/** Who does what the sealer does on its own. */
const sealerActor: Actor = { type: 'system', id: 'steptrail-sealer' }

/** An event of the trail's own administration. */
export interface TrailEvent {
  readonly eventType: string
  readonly actor: Actor
  readonly nowMs: number
  readonly reason: string | null
  readonly details: EventDetails
  readonly status?: 'SUCCESS' | 'FAILED'
}

/** Records it in the caller's transaction and gives its id. */
export async function recordOfTrail(tx: Query, event: TrailEvent): Promise<string> {
  const { nowMs, actor, status = 'SUCCESS', ...others } = event
  const id = uuidV7(nowMs)
  const fields = { id, timestamp: new Date(nowMs).toISOString(), entityType: 'TRAIL' as const, status }
  const recorded = {
    ...fields,
    ...others,
    actorType: actor.type,
    actorId: actor.id,
    serviceName: 'steptrail',
  }
  await insertEvents((text, values) => tx(text, values), [recorded])
  return id
}

/** The name that a log has unless another is given: no other database has it. */
export async function defaultOrigin(query: Query): Promise<string> {
  const { rows } = await query<{ feed_uuid: string }>('select feed_uuid from feed_identity')
  return `steptrail.local/${rows[0]?.feed_uuid ?? randomUUID()}`
}
