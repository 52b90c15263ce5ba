import type { AllowedAttempt, Dispatch, HeartbeatAnswer, HeldAttempt } from './dispatch.ts'
import { type Logger, TrailError } from '@steptrail/event'
import { pause } from './pause.ts'

/** What a lease keeps alive. */
export interface LeaseOptions {
  readonly dispatch: Pick<Dispatch, 'heartbeat'>
  readonly workerUuid: string
  readonly leaseMs: number
  /** Registers the worker anew, where nobody knows it any more. */
  readonly register: () => Promise<void>
  /** All attempts that the worker answers for, now. */
  readonly held: () => readonly HeldAttempt[]
  /** Takes those that it no longer holds. */
  readonly lose: (lost: readonly HeldAttempt[]) => void
  /** Takes how long the others may take, as it was at some time since the heartbeat was sent, by `performance.now()`. */
  readonly allow: (held: readonly AllowedAttempt[], sinceMs: number) => void
  readonly logger?: Logger | undefined
}

/**
 * Renews a worker's lease three times while it lasts, and when it is asked to. When no heartbeat has come through for the whole of it,
 * others may be at work on the steps, or undoing them, so all attempts are given up for lost.
 */
export class Lease {
  readonly #options: LeaseOptions
  readonly #stopped = new AbortController()
  #expiry: ReturnType<typeof setTimeout> | undefined
  /** When the latest of those was sent that came through, by `performance.now()`. */
  #sinceMs = -Infinity
  #isAsking = false

  constructor(options: LeaseOptions) {
    this.#options = options
  }

  /** Renews until `stop`. `sinceMs` is when the registration was sent, by `performance.now()`. */
  async run(sinceMs: number): Promise<void> {
    const { leaseMs } = this.#options
    this.#extend(sinceMs)
    let waitMs = leaseMs / 3
    for (;;) {
      await pause(waitMs, this.#stopped.signal)
      if (this.#stopped.signal.aborted) return
      const isRenewed = await this.#beat()
      waitMs = isRenewed ? leaseMs / 3 : leaseMs / 10
    }
  }

  /** Renews besides, to learn at once how long attempts may take. */
  ask(): void {
    if (this.#stopped.signal.aborted || this.#isAsking) return
    this.#isAsking = true
    void this.#beat().finally(() => {
      this.#isAsking = false
    })
  }

  /** Ends `run` and the watch over the lease. */
  stop(): void {
    this.#stopped.abort()
    clearTimeout(this.#expiry)
  }

  /** Whether the heartbeat came through. */
  async #beat(): Promise<boolean> {
    const { dispatch, workerUuid, held, lose, allow, logger } = this.#options
    const sinceMs = performance.now()
    let answer: HeartbeatAnswer
    try {
      answer = await dispatch.heartbeat(workerUuid, held())
    } catch (error) {
      logger?.error('the heartbeat failed; it will be sent again', { workerUuid, error })
      if (error instanceof TrailError && error.code === 'worker_unknown') await this.#registerAnew()
      return false
    }
    this.#extend(sinceMs)
    lose(answer.lost)
    allow(answer.held, sinceMs)
    return true
  }

  /** A database that was set back knows nothing of the worker, which would wait for ever for its steps. */
  async #registerAnew(): Promise<void> {
    const { register, workerUuid, logger } = this.#options
    if (this.#stopped.signal.aborted) return
    try {
      await register()
    } catch (error) {
      logger?.error('the worker could not be registered anew; it will be tried again', { workerUuid, error })
    }
  }

  /**
   * Counts from when the heartbeat was sent: the runtime cannot have renewed the lease before. One that is answered after
   * a later one says nothing new.
   */
  #extend(sinceMs: number): void {
    if (this.#stopped.signal.aborted || sinceMs < this.#sinceMs) return
    this.#sinceMs = sinceMs
    clearTimeout(this.#expiry)
    this.#expiry = setTimeout(() => this.#expire(), sinceMs + this.#options.leaseMs - performance.now())
  }

  #expire(): void {
    const { workerUuid, leaseMs, held, lose, logger } = this.#options
    const lost = held()
    logger?.error('the lease ran out without a heartbeat: all attempts are given up', {
      workerUuid,
      leaseMs,
      attempts: lost.length,
    })
    lose(lost)
  }
}
