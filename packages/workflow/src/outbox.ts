import { Bell } from './bell.ts'
import type { Claim, Dispatch, HeldAttempt, Result, ResultOutcome } from './dispatch.ts'
import type { Logger } from './logger.ts'
import { aborted, pause } from './pause.ts'

/** Where results go, and how patiently. */
export interface OutboxOptions {
  readonly dispatch: Pick<Dispatch, 'report'>
  /** The first wait before reporting again; doubled each time up to `retryMaxMs`. */
  readonly retryMinMs: number
  readonly retryMaxMs: number
  /** How many steps the worker has room for beside those that run or are being claimed. */
  readonly room: () => number
  /** Takes steps that were claimed with a result's decision. */
  readonly take: (claims: readonly Claim[]) => Promise<void>
  /** Called when results were decided on whose next steps, if any, were not claimed with them. */
  readonly decided: () => void
  readonly logger?: Logger | undefined
}

/** Results reported in one call at most. */
const largestBatch = 256

/**
 * Results on their way to the runtime. Whatever has come in since the last report goes with the next one, and stays
 * here until the runtime has returned an outcome for it.
 */
export class Outbox {
  readonly #options: OutboxOptions
  /** By attempt token; those reported in vain go to the end. */
  readonly #results = new Map<string, Result>()
  /** Reported in vain: nobody waits with a place for what follows from them. */
  readonly #postponed = new Set<string>()
  readonly #added = new Bell()
  readonly #stopped = new AbortController()
  #batchSize = largestBatch
  #isFinishing = false

  constructor(options: OutboxOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#results.size
  }

  /** Results whose report may yet bring the next step: each keeps a place for it. */
  get fresh(): number {
    return this.#results.size - this.#postponed.size
  }

  /** Attempts that have ended and still count as held until they are decided on. */
  get held(): readonly HeldAttempt[] {
    return [...this.#results.values()].map(({ stepId, attemptToken }) => ({ stepId, attemptToken }))
  }

  add(result: Result): void {
    this.#results.set(result.attemptToken, result)
    this.#added.ring()
  }

  /** Lets `run` end as soon as nothing is left. */
  finish(): void {
    this.#isFinishing = true
    this.#added.ring()
  }

  /** Lets `run` end even if something is left. */
  stop(): void {
    this.#stopped.abort()
    this.#added.ring()
  }

  /** Reports until `finish` or `stop`. */
  async run(): Promise<void> {
    const { retryMinMs, retryMaxMs } = this.#options
    let delayMs = retryMinMs
    while (!this.#stopped.signal.aborted && !(this.#isFinishing && this.size === 0)) {
      const added = this.#added.signal
      const answer = this.size === 0 ? await aborted(added) : await this.#report()
      if (answer === undefined || answer === 'complete') {
        delayMs = retryMinMs
        continue
      }
      // New results need not wait for those that could not be decided on yet; a failing storage is left alone.
      await pause(delayMs, answer === 'partial' ? added : this.#stopped.signal)
      delayMs = Math.min(retryMaxMs, delayMs * 2)
    }
  }

  /** `partial`: the runtime could not decide on all of them yet. */
  async #report(): Promise<'complete' | 'partial' | 'failed'> {
    const batch = [...this.#results.values()].slice(0, this.#batchSize)
    const outcomes = await this.#outcomesOf(batch)
    if (outcomes) await this.#settle(outcomes)
    const left = batch.filter(({ attemptToken }) => this.#results.has(attemptToken))
    this.#postpone(left)
    if (!outcomes) return 'failed'
    return left.length === 0 ? 'complete' : 'partial'
  }

  /**
   * Null when the report failed. One result that the storage cannot take must not keep the others back: the next
   * batch is half as large, so that by and by it goes alone.
   */
  async #outcomesOf(batch: readonly Result[]): Promise<readonly ResultOutcome[] | null> {
    try {
      const room = Math.max(0, Math.min(batch.length, this.#options.room()))
      const outcomes = await this.#options.dispatch.report(batch, room)
      this.#batchSize = Math.min(largestBatch, this.#batchSize * 2)
      return outcomes
    } catch (error) {
      this.#batchSize = Math.ceil(batch.length / 2)
      const details = { results: batch.length, error }
      this.#options.logger?.error('results could not be reported; they will be again', details)
      return null
    }
  }

  async #settle(outcomes: readonly ResultOutcome[]): Promise<void> {
    for (const { attemptToken, stepId, outcome } of outcomes) {
      this.#results.delete(attemptToken)
      this.#postponed.delete(attemptToken)
      if (outcome === 'rejected')
        this.#options.logger?.warn('a result was rejected: the worker no longer held the step', {
          stepId,
          attemptToken,
        })
    }
    await this.#options.take(outcomes.flatMap(({ next = [] }) => next))
    if (outcomes.some(({ next }) => next === undefined)) this.#options.decided()
  }

  #postpone(results: readonly Result[]): void {
    for (const result of results) {
      this.#results.delete(result.attemptToken)
      this.#results.set(result.attemptToken, result)
      this.#postponed.add(result.attemptToken)
    }
  }
}
