import { setTimeout } from 'node:timers/promises'
import type { Database } from '@steptrail/core'
import { carefully, type Clock, systemClock } from '@steptrail/event'
import { openLog } from './begin-log.ts'
import { integrate } from './integrate.ts'
import type { SealOptions } from './sealer.ts'
import { type Published, signLog } from './sign.ts'

/** How to seal for as long as a process runs. */
export interface SealerOptions extends Omit<SealOptions, 'signal' | 'onProgress'> {
  /** Milliseconds until the next look when there was nothing to seal; 200 unless given. */
  readonly pollIntervalMs?: number | undefined
  /** Milliseconds after which a checkpoint is signed though nothing is new; 60,000 unless given. */
  readonly checkpointEveryMs?: number | undefined
  /** Told of each checkpoint. */
  readonly onCheckpoint?: ((published: Published) => void) | undefined
  /** Told of each failure, before it is tried again; a log that must not be signed is one as well. */
  readonly onTrouble?: ((trouble: SealerTrouble) => void) | undefined
}

/** Why nothing is sealed or signed at the moment. */
export interface SealerTrouble {
  readonly error: unknown
  readonly retryInMs: number
}

/** What a sealer is doing. */
export type SealerState = 'sealing' | 'in trouble' | 'closed'

/** How long events are taken in before what is there is signed, so that none waits longer for its checkpoint. */
const takeForMs = 500
const longestWaitMs = 10_000

/**
 * Seals events as they are committed, and signs at least every minute. Any number of them may run: each does what the
 * others have left. What goes wrong is tried again; a log that is no continuation of what was signed stays unsigned
 * until somebody restarts it.
 */
export class Sealer implements AsyncDisposable {
  readonly #database: Database
  readonly #options: SealerOptions
  readonly #clock: Clock
  readonly #closing = new AbortController()
  readonly #ended: Promise<void>
  #state: SealerState = 'sealing'
  #failures = 0
  #trouble: unknown = null

  /** Begins at once. */
  constructor(database: Database, options: SealerOptions) {
    this.#database = database
    this.#options = {
      ...options,
      onCheckpoint: options.onCheckpoint && carefully(options.onCheckpoint),
      onTrouble: options.onTrouble && carefully(options.onTrouble),
    }
    this.#clock = options.clock ?? systemClock
    this.#ended = this.#run()
  }

  get state(): SealerState {
    return this.#state
  }

  /** Why the last step failed; null when it did not. */
  get trouble(): unknown {
    return this.#trouble
  }

  /** Ends after the step under way; what was sealed by then and not signed is signed. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#ended
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing
    while (!signal.aborted) await this.#pause(await this.#tried(signal))
    this.#state = 'closed'
  }

  /** Milliseconds to wait for the next step. */
  async #tried(signal: AbortSignal): Promise<number> {
    try {
      const sealed = await this.#step(signal)
      this.#failures = 0
      this.#state = 'sealing'
      this.#trouble = null
      return sealed > 0 ? 0 : (this.#options.pollIntervalMs ?? 200)
    } catch (error) {
      this.#failures += 1
      this.#state = 'in trouble'
      this.#trouble = error
      const retryInMs = Math.min(longestWaitMs, 100 * 2 ** this.#failures)
      this.#options.onTrouble?.({ error, retryInMs })
      return retryInMs
    }
  }

  async #step(signal: AbortSignal): Promise<number> {
    const { key, memory, origin, batchSize, checkpointEveryMs = 60_000, onCheckpoint } = this.#options
    const clock = this.#clock
    const until = performance.now() + takeForMs
    let sealed = 0
    for (;;) {
      const tree = await openLog(this.#database, { key, clock, origin })
      const step = await integrate(this.#database, tree, { batchSize })
      sealed += step.sealed
      if (step.isFull && performance.now() < until && !signal.aborted) continue
      const unsigned = step.size > tree.checkpointSize || tree.checkpoint === null
      const isDue = tree.signedAt === null || clock.now() - Date.parse(tree.signedAt) >= checkpointEveryMs
      if (!unsigned && !isDue) return sealed
      const published = await signLog(this.#database, { key, memory, clock })
      onCheckpoint?.(published)
      return sealed
    }
  }

  async #pause(ms: number): Promise<void> {
    try {
      await setTimeout(ms, undefined, { signal: this.#closing.signal })
    } catch (error) {
      if (!this.#closing.signal.aborted) throw error
    }
  }
}
