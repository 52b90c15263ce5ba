import { TrailError } from '@steptrail/event'
import type { Claim } from './dispatch.ts'

/** Why a worker tells a handler to stop. */
export type AbortCause = 'timeout' | 'lost' | 'shutdown'

/** `held`: the worker answers for it. `lost`: it no longer does. `released`: given back as if never begun. */
export type AttemptState = 'held' | 'lost' | 'released'

const meanings: Readonly<Record<AbortCause, string>> = {
  timeout: 'its time is over',
  lost: 'the worker no longer holds it (timed out, cancelled, or the lease ran out)',
  shutdown: 'the worker shuts down and gives it back',
}

/** So long before its time is over it says so: this, or a tenth of its time where that is less. */
const soonMs = 2_000

/** A claimed attempt while its handler runs: whether it still counts, its signal, and its clock. */
export class Attempt {
  readonly claim: Claim
  readonly #endsSoon: () => void
  #state: AttemptState = 'held'
  readonly #controller = new AbortController()
  readonly #sinceMs = performance.now()
  #timer: ReturnType<typeof setTimeout> | undefined
  #timeoutMs = -1
  #allowedAtMs = this.#sinceMs

  /** `endsSoon` is called shortly before its time is over, whenever that is set. */
  constructor(claim: Claim, endsSoon: () => void) {
    this.claim = claim
    this.#endsSoon = endsSoon
    this.allow(claim.timeoutMs)
  }

  /** Lets it take this long, counted from its beginning. */
  allow(timeoutMs: number): void {
    if (this.#controller.signal.aborted || timeoutMs === this.#timeoutMs) return
    this.end()
    this.#timeoutMs = timeoutMs
    this.#allowedAtMs = performance.now()
    const leftMs = Math.max(0, timeoutMs - (performance.now() - this.#sinceMs))
    const aheadMs = Math.min(soonMs, timeoutMs / 10, leftMs)
    this.#timer = setTimeout(() => this.#endSoon(aheadMs), leftMs - aheadMs)
  }

  /** When its time was set last, by `performance.now()`. */
  get allowedAtMs(): number {
    return this.#allowedAtMs
  }

  get state(): AttemptState {
    return this.#state
  }

  /** Aborts with a `TrailError` of code `attempt_aborted` as its reason; `details.cause` is an `AbortCause`. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** The worker no longer holds it: the handler is told to stop. */
  lose(): void {
    this.#state = 'lost'
    this.#abort('lost')
  }

  /** It is given back at shutdown: the handler is told to stop. */
  release(): void {
    this.#state = 'released'
    this.#abort('shutdown')
  }

  /** Stops the clock: the handler has settled. */
  end(): void {
    clearTimeout(this.#timer)
  }

  #endSoon(leftMs: number): void {
    this.#timer = setTimeout(() => this.#abort('timeout'), leftMs)
    this.#endsSoon()
  }

  /** Only the first cause counts: a signal aborts once. The clock has nothing to tell any more. */
  #abort(cause: AbortCause): void {
    this.end()
    const { stepName, attempt } = this.claim
    const timeoutMs = this.#timeoutMs
    const message = `attempt ${attempt} of step ${stepName} is to stop: ${meanings[cause]}`
    this.#controller.abort(new TrailError('attempt_aborted', message, { details: { cause, timeoutMs } }))
  }
}
