import { dropReasons, type DropReason } from './fate.ts'
import type { Logger } from './logger.ts'
import type { Timers } from './timers.ts'

const quietMs = 10_000

/** Says that events are dropped: for each reason at once, and then every ten seconds how many it has been since. */
export class DropLog {
  readonly #logger: Logger
  readonly #timers: Timers
  readonly #since = new Map<DropReason, { readonly saidAtMs: number; dropped: number }>()

  constructor(logger: Logger, timers: Timers) {
    this.#logger = logger
    this.#timers = timers
  }

  dropped(reason: DropReason, error: unknown): void {
    const nowMs = this.#timers.elapsedMs()
    const last = this.#since.get(reason)
    if (last && nowMs < last.saidAtMs + quietMs) {
      last.dropped += 1
      return
    }
    this.#since.set(reason, { saidAtMs: nowMs, dropped: 0 })
    this.#logger.warn(`an event is not on record: ${dropReasons[reason]}`, {
      reason,
      events: 1 + (last?.dropped ?? 0),
      ...(error !== undefined && { error }),
    })
  }
}
