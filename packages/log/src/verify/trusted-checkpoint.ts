import type { Query } from '@steptrail/core'
import {
  handedOverTo,
  parseCheckpoint,
  parseVkey,
  type VerifierKey,
  verifyCheckpoint,
} from '@steptrail/verify'

/**
 * The keys that are trusted once those given are: a key that a checkpoint of the log hands over to, signed by one of them,
 * is trusted like it.
 */
export async function trustedKeys(
  query: Query,
  { logId, origin }: { readonly logId: number; readonly origin: string },
  given: readonly VerifierKey[],
): Promise<readonly VerifierKey[]> {
  if (given.length === 0) return keysInDatabase(query, logId)
  const trusted = [...given]
  for (const { checkpoint, next } of await readHandovers(query, logId)) {
    const verdict = await verifyCheckpoint({ checkpoint, origin, source: 'history', keys: trusted })
    if (verdict.ok) trusted.push(...next)
  }
  return trusted
}

/** A checkpoint that hands its log over to other keys. */
export interface Handover {
  readonly checkpoint: string
  readonly next: readonly VerifierKey[]
}

/** Those of a log that are kept, the first one first. Their signatures are still to be verified. */
export async function readHandovers(query: Query, logId: number): Promise<readonly Handover[]> {
  const { rows } = await query<{ checkpoint: string }>(
    `select checkpoint
     from log_checkpoints
     where log_id = $1
       and checkpoint like E'%\\nnext-key %'
     order by tree_size`,
    [logId],
  )
  return rows
    .map(({ checkpoint }) => ({ checkpoint, next: nextIn(checkpoint) }))
    .filter(({ next }) => next.length > 0)
}

function nextIn(checkpoint: string): readonly VerifierKey[] {
  const parsed = parseCheckpoint(checkpoint)
  return parsed ? handedOverTo(parsed.checkpoint) : []
}

/** The keys that the database says have signed a log. */
export async function keysInDatabase(query: Query, logId: number): Promise<readonly VerifierKey[]> {
  const { rows } = await query<{ vkey: string }>(
    'select vkey from log_keys where log_id = $1 order by since_size, created_at',
    [logId],
  )
  return rows.flatMap(({ vkey }) => parseVkey(vkey) ?? [])
}
