import { Attempt } from './attempt.ts'
import { Bell } from './bell.ts'
import type { AllowedAttempt, Claim, HeldAttempt, Result } from './dispatch.ts'
import { aborted } from './pause.ts'

/** How attempts are run, and who gets their results. */
export interface AttemptsOptions {
  /** Runs the handler of a claim. Never rejects. */
  readonly run: (attempt: Attempt) => Promise<Result>
  /** Takes a result to be reported, also that of an attempt that was lost meanwhile. */
  readonly settled: (result: Result) => void
  /** Called shortly before the time of one of them is over: it may have been given more. */
  readonly endsSoon: () => void
  /** Called when one of them has ended, was lost or released: it takes no place any more. */
  readonly left: () => void
}

/**
 * The attempts of a worker whose handlers run. A lost one takes no place any more, for a handler that hangs and
 * does not listen would take it for ever. A released one is forgotten, whatever its handler still does.
 */
export class Attempts {
  readonly #options: AttemptsOptions
  readonly #held = new Map<string, Attempt>()
  readonly #left = new Bell()

  constructor(options: AttemptsOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#held.size
  }

  /** Those that the worker answers for. */
  get held(): readonly HeldAttempt[] {
    return [...this.#held.values()].map(({ claim: { stepId, attemptToken } }) => ({ stepId, attemptToken }))
  }

  /** Starts the handler of a claim. */
  begin(claim: Claim): void {
    const attempt = new Attempt(claim, this.#options.endsSoon)
    this.#held.set(claim.attemptToken, attempt)
    void this.#follow(attempt)
  }

  /** Marks attempts as lost. Those that have ended already are passed over. */
  lose(lost: readonly HeldAttempt[]): void {
    for (const { attemptToken } of lost) this.#take(attemptToken)?.lose()
  }

  /** Lets attempts take so long, unless it was changed here after `sinceMs`. Those that have ended are passed over. */
  allow(allowed: readonly AllowedAttempt[], sinceMs: number): void {
    for (const { attemptToken, timeoutMs } of allowed) {
      const attempt = this.#held.get(attemptToken)
      if (attempt && attempt.allowedAtMs <= sinceMs) attempt.allow(timeoutMs)
    }
  }

  /** Releases all that are held, and returns them. */
  release(): readonly HeldAttempt[] {
    const { held } = this
    for (const { attemptToken } of held) this.#take(attemptToken)?.release()
    return held
  }

  /** Resolves when none is held, or when the signal aborts. */
  async idle(signal: AbortSignal): Promise<void> {
    while (this.size > 0 && !signal.aborted) await aborted(this.#left.signal, signal)
  }

  async #follow(attempt: Attempt): Promise<void> {
    const result = await this.#options.run(attempt)
    attempt.end()
    if (attempt.state !== 'released') this.#options.settled(result)
    this.#take(attempt.claim.attemptToken)
  }

  #take(attemptToken: string): Attempt | undefined {
    const attempt = this.#held.get(attemptToken)
    if (this.#held.delete(attemptToken)) {
      this.#left.ring()
      this.#options.left()
    }
    return attempt
  }
}
