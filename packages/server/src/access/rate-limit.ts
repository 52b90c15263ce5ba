import { TrailError } from '@steptrail/event'

/** How many requests are taken of one caller. */
export interface RateLimitOptions {
  /** In the long run. Infinity: as many as come. */
  readonly perSecond: number
  /** At once. */
  readonly burst: number
  readonly now: () => number
}

interface Bucket {
  tokens: number
  at: number
}

/** Callers that are remembered at most; those that were quiet are forgotten first. */
const maxCallers = 10_000

/** Counts requests by caller: a bucket of `burst` that fills by `perSecond`. */
export class RateLimit {
  readonly #options: RateLimitOptions
  readonly #buckets = new Map<string, Bucket>()

  constructor(options: RateLimitOptions) {
    this.#options = options
  }

  /** Counts a request. Throws `rate_limited` when it is one too many. */
  take(caller: string): void {
    const { perSecond, burst, now } = this.#options
    if (perSecond === Infinity) return
    const at = now()
    const before = this.#buckets.get(caller) ?? { tokens: burst, at }
    const tokens = Math.min(burst, before.tokens + ((at - before.at) / 1000) * perSecond)
    this.#buckets.delete(caller)
    this.#buckets.set(caller, { tokens: tokens < 1 ? tokens : tokens - 1, at })
    this.#forget()
    if (tokens >= 1) return
    const retryAfterSeconds = Math.max(1, Math.ceil((1 - tokens) / perSecond))
    throw new TrailError(
      'rate_limited',
      `more than ${perSecond} requests a second: wait ${retryAfterSeconds} s, and send more in one request`,
      { details: { retryAfterSeconds } },
    )
  }

  #forget(): void {
    if (this.#buckets.size <= maxCallers) return
    const [first] = this.#buckets.keys()
    if (first !== undefined) this.#buckets.delete(first)
  }
}
