import { setTimeout as pause } from 'node:timers/promises'
import { carefully, TrailError } from '@steptrail/event'
import type { Database } from '../database/database.ts'
import {
  type ObservationSource,
  sourceBatch,
  type SourceEntry,
  type SourceOpening,
  type SourceRecorderOptions,
} from './observation-source.ts'
import { isRefusal } from './refusal.ts'

const pauseAfterTroubleMs = 1_000

/**
 * Takes what happened in another engine from where its adapter keeps it and puts it on record, until it is closed. Any
 * number of processes may run one: the lock of the source lets one of them work at a time, and what is taken twice is on
 * record once. What the trail refuses is set aside, with the reason, and holds up nothing.
 *
 * `created → running → closed`
 */
export class SourceRecorder<Entry extends SourceEntry> implements AsyncDisposable {
  readonly #database: Database
  readonly #opening: SourceOpening<Entry>
  readonly #options: SourceRecorderOptions
  readonly #share: number
  readonly #closing = new AbortController()
  #source: ObservationSource<Entry> | null = null
  #loop: Promise<void> | null = null
  #trouble: string | null = null
  #batch: Promise<Batch> = Promise.resolve(nothing)

  constructor(database: Database, opening: SourceOpening<Entry>, options: SourceRecorderOptions) {
    this.#database = database
    this.#opening = opening
    this.#options = { ...options, onTrouble: options.onTrouble && carefully(options.onTrouble) }
    this.#share = shareOf(options)
  }

  /** Works until `close`. */
  start(): void {
    this.#loop ??= this.#run()
  }

  /**
   * Puts on record all that has happened until now, and returns how much it was; 0 also when another process has the lock.
   *
   * @throws TrailError `recorder_closed`, and what opening the source throws
   */
  async recordAll(): Promise<number> {
    let total = 0
    for (;;) {
      const { taken } = await this.#recordBatch()
      total += taken
      if (taken < sourceBatch) return total
    }
  }

  /** Waits for the batch under way, and gives the lock back. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#loop
    await Promise.allSettled([this.#batch])
    await this.#endSource()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing
    while (!signal.aborted) {
      let waitMs = this.#options.pollMs ?? 1_000
      const sinceMs = performance.now()
      try {
        const { taken, lagMs } = await this.#recordBatch()
        const isBehind = lagMs > (this.#options.maxLagMs ?? 30_000)
        const restMs = isBehind ? 0 : (performance.now() - sinceMs) * (1 / this.#share - 1)
        waitMs = taken < sourceBatch ? Math.max(waitMs, restMs) : restMs
        this.#trouble = null
      } catch (cause) {
        waitMs = pauseAfterTroubleMs
        this.#tell(
          `what ${this.#opening.engine} did cannot be put on record at the moment; trying again`,
          cause,
        )
      }
      await pause(waitMs, undefined, { signal }).catch(() => undefined)
    }
  }

  /** One batch at a time, whoever asks for it. */
  #recordBatch(): Promise<Batch> {
    this.#batch = this.#batchAfter(this.#batch)
    return this.#batch
  }

  async #batchAfter(before: Promise<Batch>): Promise<Batch> {
    await Promise.allSettled([before])
    if (this.#closing.signal.aborted)
      throw new TrailError(
        'recorder_closed',
        `the recorder of ${this.#opening.engine} has been closed: make another`,
      )
    const source = (this.#source ??= await this.#opening.open(this.#database))
    try {
      if (!(await source.hold())) return nothing
      const entries = await source.read()
      await this.#record(entries, source)
      return { taken: entries.length, lagMs: Date.now() - (entries[0]?.at ?? Infinity) }
    } catch (error) {
      // The connection may be what has broken: the next batch begins with another.
      await this.#endSource()
      throw error
    }
  }

  /** A batch that is refused is tried in halves, down to what it is that cannot be on record. */
  async #record(entries: readonly Entry[], source: ObservationSource<Entry>): Promise<void> {
    if (entries.length === 0) return
    try {
      await source.recorder.record(source.observationsOf(entries), () => source.confirm())
    } catch (cause) {
      if (!isRefusal(cause)) throw cause
      const [first, ...others] = entries
      if (first && others.length === 0) {
        const told = await source.refuse(first, cause.message)
        return this.#options.onTrouble?.(told, cause)
      }
      const half = Math.ceil(entries.length / 2)
      await this.#record(entries.slice(0, half), source)
      return await this.#record(entries.slice(half), source)
    }
    await source.remove(entries)
  }

  async #endSource(): Promise<void> {
    const source = this.#source
    this.#source = null
    await source?.end()
  }

  /** The same trouble is told once. */
  #tell(message: string, cause: unknown): void {
    const text = cause instanceof Error ? cause.message : String(cause)
    if (text !== this.#trouble) this.#options.onTrouble?.(message, cause)
    this.#trouble = text
  }
}

function shareOf({ share = 0.2 }: SourceRecorderOptions): number {
  if (share > 0 && share <= 1) return share
  throw new TrailError(
    'invalid_configuration',
    `a share of ${share} of the time is none: give a number over 0 and up to 1`,
    { details: { share } },
  )
}

/** What was taken at once, and how long ago the first of it happened. */
interface Batch {
  readonly taken: number
  readonly lagMs: number
}

const nothing: Batch = { taken: 0, lagMs: 0 }
