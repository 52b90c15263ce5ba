import { Bell } from './bell.ts'
import type { Claim, Dispatch, HeldAttempt, Result, ResultOutcome } from './dispatch.ts'
import type { Logger } from '@steptrail/event'
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
  /** Called when results were reported in vain for the first time, and keep no place any more. */
  readonly placesFreed: () => void
  readonly logger?: Logger | undefined
}

/** Results reported in one call at most. */
const largestBatch = 256
/** While the database writes what one brought, the other is decided on. More of them make for smaller ones alone. */
const mostReports = 2
/** How many results pay for a report of their own while another is under way: what comes with a report, however small, is theirs to bear. */
const worthwhile = 4

/**
 * Results on their way to the runtime. Whatever has come in since the last report goes with the next one, and stays
 * here until the runtime has returned an outcome for it. Two reports are under way where there is enough for them; the
 * results of an execution go one report after the other.
 */
export class Outbox {
  readonly #options: OutboxOptions
  /** By attempt token; those reported in vain go to the end. */
  readonly #results = new Map<string, Result>()
  /** Reported in vain: nobody waits with a place for what follows from them. */
  readonly #postponed = new Set<string>()
  /** Those that a report is under way with, and how many next steps such reports may bring. */
  readonly #underWay = new Set<Result>()
  #roomAsked = 0
  readonly #added = new Bell()
  readonly #answered = new Bell()
  readonly #stopped = new AbortController()
  #batchSize = largestBatch
  /** Some were reported in vain, and nothing is reported for a while. */
  #isResting = false
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
    await Promise.all(Array.from({ length: mostReports }, () => this.#reportInTurn()))
  }

  /** Reports, one at a time. */
  async #reportInTurn(): Promise<void> {
    const { retryMinMs, retryMaxMs } = this.#options
    let delayMs = retryMinMs
    while (!this.#stopped.signal.aborted && !(this.#isFinishing && this.size === 0)) {
      const added = this.#added.signal
      const answered = this.#answered.signal
      // Beside another report, what ends at the same moment goes together.
      if (this.#underWay.size > 0 && this.#next().length > 0) await turnOfTheLoop()
      const batch = this.#next()
      if (batch.length === 0) {
        await aborted(added, answered)
        continue
      }
      const answer = await this.#report(batch)
      if (answer === 'complete') {
        delayMs = retryMinMs
        continue
      }
      // New results need not wait for those that could not be decided on yet; a failing storage is left alone.
      await pause(delayMs, answer === 'partial' ? added : this.#stopped.signal)
      this.#isResting = false
      delayMs = Math.min(retryMaxMs, delayMs * 2)
    }
  }

  /** What the next report is to take: half, where there is enough for two; nothing, where that has to wait. */
  #next(): readonly Result[] {
    if (this.#isResting) return []
    const executions = new Set([...this.#underWay].map(({ executionId }) => executionId))
    const waiting = [...this.#results.values()].filter(({ executionId }) => !executions.has(executionId))
    if (this.#underWay.size > 0) return waiting.length < worthwhile ? [] : waiting.slice(0, this.#batchSize)
    const share = waiting.length < 2 * worthwhile ? waiting : halfOf(waiting)
    return share.slice(0, this.#batchSize)
  }

  /** `partial`: the runtime could not decide on all of them yet. */
  async #report(batch: readonly Result[]): Promise<'complete' | 'partial' | 'failed'> {
    const room = Math.max(0, Math.min(batch.length, this.#options.room() - this.#roomAsked))
    for (const result of batch) this.#underWay.add(result)
    this.#roomAsked += room
    const outcomes = await this.#outcomesOf(batch, room)
    for (const result of batch) this.#underWay.delete(result)
    for (const outcome of outcomes ?? []) this.#settle(outcome)
    const left = batch.filter(({ attemptToken }) => this.#results.has(attemptToken))
    this.#postpone(left)
    if (left.length > 0) this.#isResting = true
    if (outcomes) await this.#goOn(outcomes)
    this.#roomAsked -= room
    this.#answered.ring()
    if (!outcomes) return 'failed'
    return left.length === 0 ? 'complete' : 'partial'
  }

  /**
   * Null when the report failed. One result that the storage cannot take must not keep the others back: the next
   * batch is half as large, so that by and by it goes alone.
   */
  async #outcomesOf(batch: readonly Result[], room: number): Promise<readonly ResultOutcome[] | null> {
    try {
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

  #settle({ attemptToken, stepId, outcome }: ResultOutcome): void {
    this.#results.delete(attemptToken)
    this.#postponed.delete(attemptToken)
    if (outcome === 'rejected')
      this.#options.logger?.warn('a result was rejected: the worker no longer held the step', {
        stepId,
        attemptToken,
      })
  }

  /** Begins the next steps that were claimed with the results. */
  async #goOn(outcomes: readonly ResultOutcome[]): Promise<void> {
    await this.#options.take(outcomes.flatMap(({ next = [] }) => next))
    if (outcomes.some(({ next }) => next === undefined)) this.#options.decided()
  }

  #postpone(results: readonly Result[]): void {
    const { fresh } = this
    for (const result of results) {
      this.#results.delete(result.attemptToken)
      this.#results.set(result.attemptToken, result)
      this.#postponed.add(result.attemptToken)
    }
    if (this.fresh < fresh) this.#options.placesFreed()
  }
}

/** The results of half of the executions, all of each. */
function halfOf(results: readonly Result[]): readonly Result[] {
  const executions = [...new Set(results.map(({ executionId }) => executionId))]
  const half = new Set(executions.slice(0, Math.ceil(executions.length / 2)))
  return results.filter(({ executionId }) => half.has(executionId))
}

const turnOfTheLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
