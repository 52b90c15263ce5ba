import { reportedError } from '@steptrail/workflow'
import type { AttemptLog, WrappedStep } from './attempt-log.ts'

/** An attempt that lasts longer is noted while it is under way; of a shorter one that succeeds, DBOS tells all. */
const noteAfterMs = 25

/** Which attempt it is, and who is told when it cannot be noted. */
export interface AttemptFacts {
  readonly workflowId: string
  readonly step: number
  /** 1 for the first since the process took the step up. */
  readonly number: number
  readonly wrapped: WrappedStep
  readonly workerUuid: string
  readonly onTrouble: (cause: unknown) => void
}

/** One attempt: its start is noted when it takes long, its failure once, be it a time-out or what it threw. */
export class Attempt {
  readonly #log: AttemptLog
  readonly #facts: AttemptFacts
  #startedAt = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #isTold = false
  /** Whether it is noted that it began. */
  #isBegun = false
  #isOver = false

  constructor(log: AttemptLog, facts: AttemptFacts) {
    this.#log = log
    this.#facts = facts
  }

  get number(): number {
    return this.#facts.number
  }

  /** Whether it was stopped: it ended, or DBOS waits for it no longer. */
  get isOver(): boolean {
    return this.#isOver
  }

  async begin(): Promise<void> {
    this.#startedAt = Date.now()
    const isOnlyOne = await this.#noting(() => this.#log.know(this.#facts.wrapped))
    if (this.#isOver) return
    this.#startedAt = Date.now()
    if (this.#facts.number > 1 || isOnlyOne !== true) return await this.#noteStart()
    this.#timer = setTimeout(() => void this.#noteStart(), noteAfterMs)
  }

  /** It was done, and DBOS has recorded nothing of it: that it began is known here alone. */
  async leaveTrace(): Promise<void> {
    if (!this.#isBegun) await this.#noteStart()
  }

  async fail(error: unknown, retryInMs: number | null): Promise<void> {
    if (this.#isTold) return
    this.#isTold = true
    this.stop()
    const { message, code } = reportedError(error, { recordStack: false })
    await this.#note('attempt_failed', Date.now(), { error: { message, code }, retryInMs })
  }

  /** It is under way no longer. */
  stop(): void {
    this.#isOver = true
    clearTimeout(this.#timer)
  }

  #noteStart(): Promise<void> {
    this.#isBegun = true
    return this.#note('attempt_started', this.#startedAt, {})
  }

  async #note(kind: 'attempt_started' | 'attempt_failed', at: number, more: object): Promise<void> {
    const { workflowId, step, wrapped, workerUuid } = this.#facts
    const body = { step, ...wrapped, workerUuid, startedAt: this.#startedAt, ...more }
    await this.#noting(() => this.#log.write({ workflowId, kind, at, body }))
  }

  /** What cannot be noted is told, and breaks nothing. */
  async #noting<Noted>(write: () => Promise<Noted>): Promise<Noted | null> {
    try {
      return await write()
    } catch (cause) {
      this.#facts.onTrouble(cause)
      return null
    }
  }
}
