import type { Database } from '@steptrail/core'
import { type Clock, systemClock } from '@steptrail/event'
import type { SigningKey } from '../key/signing-key.ts'
import type { OutsideMemory } from '../memory/outside-memory.ts'
import { openLog } from './begin-log.ts'
import { integrate } from './integrate.ts'
import { type Published, signLog } from './sign.ts'

/** How to seal. */
export interface SealOptions {
  readonly key: SigningKey
  readonly memory: OutsideMemory
  /** The key that gives way to this one, and signs once more beside it. */
  readonly besides?: SigningKey | undefined
  /** The machine's clock unless given. */
  readonly clock?: Clock | undefined
  /** The name of the log when it begins; made from the database's identity unless given. */
  readonly origin?: string | undefined
  /** Events taken at once at most; 10,000 unless given. */
  readonly batchSize?: number | undefined
  /** Told of each batch. */
  readonly onProgress?: ((progress: { readonly sealed: number; readonly size: number }) => void) | undefined
  /** Ends the work between two batches; what was sealed by then is signed. */
  readonly signal?: AbortSignal | undefined
}

/** What was sealed, and the checkpoint over it. */
export interface Sealed extends Published {
  readonly origin: string
  /** Events that this call gave their index. */
  readonly sealed: number
}

/**
 * Seals every event that is committed when it is called, and signs a checkpoint over them, also when there is nothing
 * new: that nothing happened is a statement, too. Any number of processes may do so at once: each event gets one
 * index, and each checkpoint continues the one before.
 *
 * @throws TrailError what `signLog` throws: then events may have got their index, and nothing was signed
 */
export async function seal(database: Database, options: SealOptions): Promise<Sealed> {
  const { key, memory, besides, clock = systemClock, origin, batchSize, onProgress, signal } = options
  let sealed = 0
  for (;;) {
    const tree = await openLog(database, { key, clock, origin })
    const step = await integrate(database, tree, { batchSize })
    sealed += step.sealed
    if (step.sealed > 0) onProgress?.({ sealed, size: step.size })
    if (step.isFull && signal?.aborted !== true) continue
    return { origin: tree.origin, sealed, ...(await signLog(database, { key, memory, besides, clock })) }
  }
}
