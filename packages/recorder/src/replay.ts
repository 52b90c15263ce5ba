import { Outage } from '@steptrail/event'
import type { Activity } from './activity.ts'
import { type Backoff, spoolBackoff } from './backoff.ts'
import type { OutgoingEvent } from './outgoing-event.ts'
import type { Settings } from './settings.ts'
import type { Spool, SpoolBatch } from './spool.ts'

/** Events from the spool on their way to the sink. */
export interface ReplayBatch {
  readonly source: SpoolBatch
  /** How many were read before it. */
  readonly number: number
  /** Those whose outcome is not known yet. */
  left: readonly OutgoingEvent[]
}

/** What a replay depends on. */
export interface ReplayOptions {
  readonly spool: Spool
  readonly settings: Settings
  readonly activity: Activity
  /** Something has changed: there may be a batch now, or there is none. */
  readonly changed: () => void
}

/** Reads the spool ahead of the writes to the sink, oldest first. */
export class Replay {
  readonly #options: ReplayOptions
  /** Waits before a spool that could not be read is read again. */
  readonly #backoff: Backoff
  readonly #outage: Outage
  readonly #ready: ReplayBatch[] = []
  #isReading = false
  #batchesRead = 0
  /** Batches that were taken and are neither settled nor given back. */
  #taken = 0
  #mayHoldMore = true

  constructor(options: ReplayOptions) {
    this.#options = options
    this.#outage = new Outage(() => options.settings.timers.elapsedMs())
    this.#backoff = spoolBackoff(options.settings, () => {
      this.more()
      options.changed()
    })
  }

  /** Whether the spool is known to hold nothing that has not been settled. */
  get isDone(): boolean {
    return !this.#mayHoldMore && !this.#isReading && this.#ready.length === 0 && this.#taken === 0
  }

  /** Why the spool cannot be read; null when it can. */
  get trouble(): unknown {
    return this.#outage.cause
  }

  /** Does not try again to read a spool that could not be read. */
  stop(): void {
    this.#backoff.stop()
  }

  /** The spool has got more. */
  more(): void {
    this.#mayHoldMore = true
  }

  /** The oldest batch that has been read; reads on where there is none. */
  take(): ReplayBatch | undefined {
    const batch = this.#ready.shift()
    if (batch) this.#taken += 1
    if (this.#ready.length === 0) this.#read()
    return batch
  }

  /** Gives back a batch that could not be written: in front of those that were read after it. */
  putBack(batch: ReplayBatch): void {
    this.#taken -= 1
    const place = this.#ready.findIndex(({ number }) => number > batch.number)
    this.#ready.splice(place === -1 ? this.#ready.length : place, 0, batch)
  }

  /** Every outcome of the batch is known. */
  async settle({ source }: ReplayBatch): Promise<void> {
    try {
      await source.settle()
    } catch (error) {
      this.#options.settings.logger.warn(
        'the spool did not note that events are on record; they will be sent again and found there',
        { events: source.events.length, error },
      )
    }
    this.#taken -= 1
  }

  #read(): void {
    if (this.#isReading || !this.#mayHoldMore) return
    this.#isReading = true
    this.#options.activity.run(async () => {
      this.#mayHoldMore = false
      const source = await this.#next()
      this.#isReading = false
      if (source) {
        this.#mayHoldMore = true
        this.#ready.push({ source, number: this.#batchesRead, left: source.events })
        this.#batchesRead += 1
      }
      this.#options.changed()
    })
  }

  async #next(): Promise<SpoolBatch | undefined> {
    const { spool, settings } = this.#options
    try {
      const batch = await spool.next(settings.batchEvents)
      this.#backoff.succeeded()
      this.#outage.over()
      return batch
    } catch (error) {
      if (this.#outage.isNews(error))
        settings.logger.error(
          'the spool cannot be read; what is in it stays there, and it will be tried again',
          {
            error,
          },
        )
      this.#backoff.failed()
      return undefined
    }
  }
}
