/** What a handler may say of an error beside its message. */
export interface HandlerErrorOptions extends ErrorOptions {
  /** The error's own code, kept as `errorCode`. */
  readonly code?: string
  /** What to tell a person; kept as the event's `reason`. */
  readonly reason?: string
}

/** Throw it from a handler when trying again cannot help: the attempt is the last, whatever retries are left. */
export class FatalError extends Error {
  override readonly name = 'FatalError'
  readonly code: string | undefined
  readonly reason: string | undefined
  /** What the runtime reads; any thrown object with it counts. */
  readonly fatal = true

  constructor(message: string, options: HandlerErrorOptions = {}) {
    super(message, options)
    this.code = options.code
    this.reason = options.reason
  }
}

/** How long to wait before the next attempt. */
export interface RetryableErrorOptions extends HandlerErrorOptions {
  /** Whole milliseconds, from 0 to 7 days. In place of the step's back-off, and recorded as the delay. */
  readonly retryAfterMs: number
}

/**
 * Throw it from a handler that knows when to try again (a `Retry-After`, a lock that ends at a known time). It
 * gives no retry that the step's policy would not give.
 */
export class RetryableError extends Error {
  override readonly name = 'RetryableError'
  readonly code: string | undefined
  readonly reason: string | undefined
  readonly retryAfterMs: number

  constructor(message: string, options: RetryableErrorOptions) {
    super(message, options)
    this.code = options.code
    this.reason = options.reason
    this.retryAfterMs = options.retryAfterMs
  }
}
