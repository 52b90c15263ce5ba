import type { Activity } from './activity.ts'
import type { OutgoingEvent } from './outgoing-event.ts'
import type { Settings } from './settings.ts'
import type { Spool, SpoolBatch } from './spool.ts'

/** Events from the spool on their way to the sink. */
export interface ReplayBatch {
  readonly source: SpoolBatch
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
  readonly #ready: ReplayBatch[] = []
  #isReading = false
  /** Batches that were taken and are neither settled nor given back. */
  #taken = 0
  #mayHoldMore = true

  constructor(options: ReplayOptions) {
    this.#options = options
  }

  /** Whether the spool is known to hold nothing that has not been settled. */
  get isDone(): boolean {
    return !this.#mayHoldMore && !this.#isReading && this.#ready.length === 0 && this.#taken === 0
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

  /** Gives back a batch that could not be written. */
  putBack(batch: ReplayBatch): void {
    this.#taken -= 1
    this.#ready.unshift(batch)
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
        this.#ready.push({ source, left: source.events })
      }
      this.#options.changed()
    })
  }

  async #next(): Promise<SpoolBatch | undefined> {
    const { spool, settings } = this.#options
    try {
      return await spool.next(settings.batchEvents)
    } catch (error) {
      settings.logger.error('the spool cannot be read; what is in it stays there', { error })
      return undefined
    }
  }
}
