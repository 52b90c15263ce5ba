import { Outage, TrailError } from '@steptrail/event'
import type { Activity } from './activity.ts'
import { type Backoff, spoolBackoff } from './backoff.ts'
import type { PendingEvent } from './fate.ts'
import type { Settings } from './settings.ts'
import type { Spool } from './spool.ts'

/** What a lane to the spool depends on. */
export interface SpoolLaneOptions {
  readonly spool: Spool
  readonly settings: Settings
  readonly activity: Activity
  /** They are in the spool. */
  readonly spooled: (events: readonly PendingEvent[]) => void
  /** The spool does not take them, nor any others for now. */
  readonly refused: (events: readonly PendingEvent[]) => void
  /** The spool may be tried again. */
  readonly resume: () => void
}

const largestAppend = 5000

/** What a spool, and the system under it, call it that there is no room. */
const noRoom: ReadonlySet<unknown> = new Set(['full', 'ENOSPC', 'EDQUOT', 'EFBIG'])

/**
 * Events on their way to the spool: in order, one append at a time with all that has come in since the last. Where there
 * is no room for so many, as many of the oldest as there is room for.
 */
export class SpoolLane {
  readonly #options: SpoolLaneOptions
  readonly #backoff: Backoff
  readonly #outage: Outage
  #waiting: PendingEvent[] = []
  #isAppending = false
  #mostAtOnce = largestAppend
  #isScheduled = false

  constructor(options: SpoolLaneOptions) {
    this.#options = options
    this.#backoff = spoolBackoff(options.settings, options.resume)
    this.#outage = new Outage(() => options.settings.timers.elapsedMs())
  }

  /** Whether the spool took what it was last given, or has had time to recover since. */
  get isUsable(): boolean {
    return !this.#backoff.isWaiting
  }

  /** Why it did not take what it was last given; null when it did. */
  get trouble(): unknown {
    return this.#outage.cause
  }

  /** Whether nothing is on the way. */
  get isEmpty(): boolean {
    return this.#waiting.length === 0 && !this.#isAppending
  }

  add(event: PendingEvent): void {
    this.#waiting.push(event)
    this.#schedule()
  }

  /** Before what is waiting already: they are older. */
  addOlder(events: readonly PendingEvent[]): void {
    if (events.length === 0) return
    this.#waiting = [...events, ...this.#waiting].toSorted((one, other) => one.seq - other.seq)
    this.#schedule()
  }

  stop(): void {
    this.#backoff.stop()
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isAppending) return
    this.#isScheduled = true
    this.#options.activity.run(async () => {
      await Promise.resolve()
      this.#isScheduled = false
      await this.#appendAll()
    })
  }

  async #appendAll(): Promise<void> {
    this.#isAppending = true
    while (this.#waiting.length > 0) {
      const events = this.#waiting.splice(0, this.#mostAtOnce)
      if (!(await this.#append(events))) break
    }
    this.#mostAtOnce = largestAppend
    this.#isAppending = false
    this.#options.resume()
  }

  /** Whether to go on. */
  async #append(events: readonly PendingEvent[]): Promise<boolean> {
    const { spool, settings, spooled, refused } = this.#options
    try {
      await spool.append(events)
      this.#backoff.succeeded()
      this.#outage.over()
      spooled(events)
      return true
    } catch (error) {
      if (isShortOfRoom(error) && events.length > 1) {
        this.#mostAtOnce = Math.ceil(events.length / 2)
        this.#waiting = [...events, ...this.#waiting]
        return true
      }
      if (this.#outage.isNews(error))
        settings.logger.error('the spool takes nothing; events stay in memory', {
          events: events.length,
          error,
        })
      this.#backoff.failed()
      const others = this.#waiting
      this.#waiting = []
      refused([...events, ...others])
      return false
    }
  }
}

const isShortOfRoom = (error: unknown): boolean =>
  error instanceof TrailError && noRoom.has(error.details['code'])
