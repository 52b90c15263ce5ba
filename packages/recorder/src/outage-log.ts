import type { Logger } from '@steptrail/event'
import { errorText } from './error-text.ts'
import type { Timers } from './timers.ts'

/** What is told with the message. */
export interface OutageDetails {
  readonly error: unknown
  /** How many could not be written or kept. */
  readonly events?: number
}

/** Failures beside one another may have reasons that change about. */
const quietMs = 10_000

/**
 * Says of something that does not work, and is tried again and again, why: when it begins, and when the reason has become
 * another, which may ask for something else to be done. After each it is quiet for ten seconds.
 */
export class OutageLog {
  readonly #logger: Logger
  readonly #timers: Timers
  #told: { readonly reason: string; readonly atMs: number } | undefined

  constructor({ logger, timers }: { readonly logger: Logger; readonly timers: Timers }) {
    this.#logger = logger
    this.#timers = timers
  }

  failed(level: 'warn' | 'error', message: string, details: OutageDetails): void {
    // Numbers are mostly of how many events, of ports, or of how long it took.
    const reason = errorText(details.error).replaceAll(/\d+/g, '0')
    const nowMs = this.#timers.elapsedMs()
    if (this.#told && (this.#told.reason === reason || nowMs < this.#told.atMs + quietMs)) return
    this.#told = { reason, atMs: nowMs }
    this.#logger[level](message, { ...details })
  }

  /** It works: the next failure is of another outage. */
  over(): void {
    this.#told = undefined
  }
}
