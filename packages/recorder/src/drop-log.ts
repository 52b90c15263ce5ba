import { dropReasons, type DropReason } from './fate.ts'
import type { Logger } from '@steptrail/event'
import type { Timers } from './timers.ts'

const quietMs = 10_000

/**
 * Says that events are dropped: for each reason at once, and how many it has been since with the first one that comes
 * ten seconds later, or at the end.
 */
export class DropLog {
  readonly #logger: Logger
  readonly #timers: Timers
  readonly #since = new Map<DropReason, { readonly saidAtMs: number; dropped: number; error: unknown }>()

  constructor(logger: Logger, timers: Timers) {
    this.#logger = logger
    this.#timers = timers
  }

  dropped(reason: DropReason, error: unknown): void {
    const nowMs = this.#timers.elapsedMs()
    const last = this.#since.get(reason)
    if (last && nowMs < last.saidAtMs + quietMs) {
      last.dropped += 1
      last.error = error
      return
    }
    this.#since.set(reason, { saidAtMs: nowMs, dropped: 0, error: undefined })
    this.#say(reason, { events: 1 + (last?.dropped ?? 0), error })
  }

  /** Says what has not been said yet. */
  end(): void {
    for (const [reason, { dropped, error }] of this.#since)
      if (dropped > 0) this.#say(reason, { events: dropped, error })
    this.#since.clear()
  }

  #say(reason: DropReason, { events, error }: { readonly events: number; readonly error: unknown }): void {
    this.#logger.warn(`an event is not on record: ${dropReasons[reason]}`, {
      reason,
      events,
      ...(error !== undefined && { error }),
    })
  }
}
