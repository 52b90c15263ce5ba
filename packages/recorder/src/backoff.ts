import type { Settings } from './settings.ts'
import type { Timers } from './timers.ts'

/** How long to wait after a failure. */
export interface BackoffOptions {
  readonly minMs: number
  readonly maxMs: number
  /** A number in [0, 1). */
  readonly random: () => number
  readonly timers: Timers
  /** Called when a wait is over. */
  readonly resume: () => void
}

/**
 * Waits after failures: doubled from one to the next up to a maximum, with jitter: half of it for certain, the other
 * half by chance, so that many recorders do not come back at once.
 */
export class Backoff {
  readonly #options: BackoffOptions
  #failures = 0
  /** Until when the sink asked to be left alone, on the timers' clock. */
  #askedUntilMs = Number.NEGATIVE_INFINITY
  #cancel: (() => void) | undefined

  constructor(options: BackoffOptions) {
    this.#options = options
  }

  /** Failures since the last success. */
  get failures(): number {
    return this.#failures
  }

  /** Whether a wait is not over yet. */
  get isWaiting(): boolean {
    return this.#cancel !== undefined
  }

  succeeded(): void {
    this.#failures = 0
  }

  /**
   * Waits `leastMs` at the least, also where that is longer than the maximum: the sink has asked for it. A failure that
   * comes later, of a write that was under way beside it, does not shorten that.
   */
  failed(leastMs = 0): void {
    const { minMs, maxMs, random, timers, resume } = this.#options
    const wholeMs = Math.min(maxMs, minMs * 2 ** Math.min(this.#failures, 30))
    this.#failures += 1
    this.#cancel?.()
    const nowMs = timers.elapsedMs()
    this.#askedUntilMs = Math.max(this.#askedUntilMs, nowMs + leastMs)
    const waitMs = wholeMs / 2 + (wholeMs / 2) * random()
    this.#cancel = timers.after(Math.max(this.#askedUntilMs - nowMs, waitMs), () => {
      this.#cancel = undefined
      resume()
    })
  }

  /** Ends the wait without calling back. */
  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }
}

/** The waits of a spool that failed: a disk takes longer to recover than a connection. */
export const spoolBackoff = (
  { retryMinMs, retryMaxMs, random, timers }: Settings,
  resume: () => void,
): Backoff => new Backoff({ minMs: 10 * retryMinMs, maxMs: retryMaxMs, random, timers, resume })
