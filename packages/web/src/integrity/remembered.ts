import {
  bytesOfBase64,
  bytesOfHex,
  type Checkpoint,
  hexOf,
  parseCheckpoint,
  sha256,
  treeHash,
  verifyConsistency,
} from '@steptrail/verify'
import type { Client } from '@steptrail/client'
import type { KeepingStorage } from '../storage/keeping-storage.ts'

/** A checkpoint that this browser has seen: what the log had then, wherever the log is now. */
export interface RememberedCheckpoint {
  readonly origin: string
  readonly size: number
  /** In hex. */
  readonly root: string
  /** When it was seen, in milliseconds since 1970. */
  readonly seenAt: number
}

/** Whether the log of now continues what was seen of it. */
export type Growth =
  | { readonly kind: 'first' }
  | { readonly kind: 'continued'; readonly since: RememberedCheckpoint; readonly size: number }
  | { readonly kind: 'broken'; readonly since: RememberedCheckpoint; readonly problem: string }

const storageKey = 'steptrail.checkpoints'
const mostKept = 50

/** The checkpoints that this browser remembers, the last one first. */
export function rememberedCheckpoints(storage: KeepingStorage): readonly RememberedCheckpoint[] {
  try {
    const known: unknown = JSON.parse(storage.getItem(storageKey) ?? '[]')
    return Array.isArray(known) ? known.filter(isRemembered) : []
  } catch (error) {
    if (error instanceof SyntaxError) return []
    throw error
  }
}

const isRemembered = (value: unknown): value is RememberedCheckpoint => {
  const { origin, size, root, seenAt } = Object(value) as Readonly<Record<string, unknown>>
  return (
    typeof origin === 'string' &&
    typeof root === 'string' &&
    Number.isSafeInteger(size) &&
    Number.isFinite(seenAt)
  )
}

/**
 * Asks for the last checkpoint, holds it against the last one that this browser remembers of that log, and remembers it
 * when it continues that one.
 */
export async function checkGrowth(
  client: Client,
  storage: KeepingStorage,
  signal: AbortSignal,
): Promise<Growth> {
  const checkpoint = checkpointOf(await client.log.checkpoint({ signal }))
  const known = rememberedCheckpoints(storage)
  const since = known.find(({ origin }) => origin === checkpoint.origin)
  if (!since || since.size >= checkpoint.size) {
    const problem = since ? problemOfSame(since, checkpoint) : null
    if (since && problem !== null) return { kind: 'broken', since, problem }
    if (since) return { kind: 'continued', since, size: checkpoint.size }
    remember(storage, known, checkpoint)
    return { kind: 'first' }
  }
  const proven = await client.log.proveConsistency(since.size, { origin: since.origin, signal })
  const second = checkpointOf(proven.checkpoint)
  const proof = proven.hashes.flatMap((hash) => bytesOfBase64(hash) ?? [])
  const first = { size: since.size, root: bytesOfHex(since.root) ?? new Uint8Array() }
  if (!verifyConsistency({ first, second, proof }, treeHash(sha256)))
    return {
      kind: 'broken',
      since,
      problem: 'Its entries are not those that it had, with others after them.',
    }
  remember(storage, known, second)
  return { kind: 'continued', since, size: second.size }
}

function checkpointOf(note: string): Checkpoint {
  const parsed = parseCheckpoint(note)
  if (parsed) return parsed.checkpoint
  throw new Error('What the server gives as its checkpoint is none.')
}

function problemOfSame(since: RememberedCheckpoint, { size, root }: Checkpoint): string | null {
  if (size < since.size) return `It has ${size} entries, and had ${since.size}: it was cut off, or set back.`
  return hexOf(root) === since.root ? null : 'It has as many entries as it had, and they are others.'
}

function remember(
  storage: KeepingStorage,
  known: readonly RememberedCheckpoint[],
  { origin, size, root }: Checkpoint,
): void {
  const seen = { origin, size, root: hexOf(root), seenAt: Date.now() }
  storage.setItem(storageKey, JSON.stringify([seen, ...known].slice(0, mostKept)))
}
