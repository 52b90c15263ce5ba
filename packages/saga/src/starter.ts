import { createExecution, type CreatedExecution, type Database, type NewExecution } from '@steptrail/core'
import type { Clock } from '@steptrail/event'
import type { Decider } from './decider.ts'
import { isUnreachable } from './unreachable.ts'
import type { Waker } from './waker.ts'

/** What a starter is made of. */
export interface StarterOptions {
  readonly decider: Decider
  readonly waker: Waker
  readonly clock?: Clock | undefined
}

/** An execution to start; when, is for the clock to say. */
export type WantedExecution = Omit<NewExecution, 'now'>

/** The execution that was started, or the one that was there already. */
export interface StartOutcome {
  readonly executionId: string
  readonly created: boolean
}

interface Waiting {
  readonly wanted: WantedExecution
  readonly resolve: (outcome: StartOutcome) => void
  readonly reject: (cause: unknown) => void
}

/** Executions started in one transaction at most. */
const largestBatch = 100

/**
 * Starts executions: stored, decided and on record in one transaction. Those that come in while others are being
 * started share the next transaction. One with an idempotency key has a transaction of its own, since it may
 * have to wait for whoever starts with the same key, and the others are not to wait with it.
 */
export class Starter {
  readonly #database: Database
  readonly #options: StarterOptions
  readonly #waiting: Waiting[] = []
  #isStarting = false

  constructor(database: Database, options: StarterOptions) {
    this.#database = database
    this.#options = options
  }

  /** Resolves when it is committed; a second start with the same key gives the first. */
  async start(wanted: WantedExecution): Promise<StartOutcome> {
    if (wanted.idempotencyKey !== null) return await this.#startAlone(wanted)
    return await new Promise((resolve, reject) => {
      this.#waiting.push({ wanted, resolve, reject })
      if (!this.#isStarting) void this.#startWaiting()
    })
  }

  async #startWaiting(): Promise<void> {
    this.#isStarting = true
    while (this.#waiting.length > 0) await this.#settle(this.#waiting.splice(0, largestBatch))
    this.#isStarting = false
  }

  /** One that cannot be stored fails by itself: the others are started without it. Without a database all fail at once. */
  async #settle(batch: readonly Waiting[]): Promise<void> {
    try {
      const outcomes = await this.#startTogether(batch.map(({ wanted }) => wanted))
      batch.forEach(({ resolve }, index) => resolve(outcomes[index] as StartOutcome))
    } catch (cause) {
      if (batch.length === 1 || isUnreachable(cause)) for (const { reject } of batch) reject(cause)
      else for (const one of batch) await this.#settle([one])
    }
  }

  async #startAlone(wanted: WantedExecution): Promise<StartOutcome> {
    const [outcome] = await this.#startTogether([wanted])
    return outcome as StartOutcome
  }

  /** An outcome for each, in the order given. */
  async #startTogether(batch: readonly WantedExecution[]): Promise<readonly StartOutcome[]> {
    const { decider, waker } = this.#options
    const started = await decider.startTogether(batch)
    if (!started) return await this.#startInTransaction(batch)
    waker.wakeFor(started)
    return started.map(({ executionId }) => ({ created: true, executionId }))
  }

  /** Creates one after the other, so that each finds out whether it is there already. */
  async #startInTransaction(batch: readonly WantedExecution[]): Promise<readonly StartOutcome[]> {
    const { decider, waker, clock } = this.#options
    const { outcomes, decided, asked } = await this.#database.transaction(async (tx) => {
      const created: CreatedExecution[] = []
      for (const wanted of batch) created.push(await createExecution(tx, { ...wanted, now: clock?.now() }))
      const fresh = created.filter((outcome) => outcome.created)
      return { outcomes: created, ...(await decider.decideStarts(tx, fresh)) }
    })
    decider.committed(asked)
    waker.wakeFor(decided)
    return outcomes.map((outcome, index) => {
      const executionId = outcome.created ? outcome.execution.snapshot.executionId : outcome.executionId
      // Under its own id there is only what an earlier try of this start has stored, whose answer was lost.
      return { executionId, created: executionId === batch[index]?.executionId }
    })
  }
}
