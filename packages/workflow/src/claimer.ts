import { Bell } from './bell.ts'
import type { Claim, Dispatch } from './dispatch.ts'
import type { Logger } from '@steptrail/event'
import { aborted, pause } from './pause.ts'

/** For whom a claimer claims. Times are whole milliseconds. */
export interface ClaimerOptions {
  readonly dispatch: Pick<Dispatch, 'claim' | 'waitForWork'>
  readonly workerUuid: string
  readonly service: string
  readonly pollMinMs: number
  readonly pollMaxMs: number
  /** How many claims may begin now. */
  readonly room: () => number
  readonly begin: (claim: Claim) => void
  /** Takes claims that came in after `stop`. */
  readonly giveBack: (claims: readonly Claim[]) => Promise<void>
  readonly logger?: Logger | undefined
}

/** Claims work as long as there is room for it, and waits longer and longer while there is none. */
export class Claimer {
  readonly #options: ClaimerOptions
  readonly #stopped = new AbortController()
  readonly #roomMade = new Bell()
  readonly #workDue = new Bell()
  #asking = 0

  constructor(options: ClaimerOptions) {
    this.#options = options
  }

  /** How many it has just asked for: there is no room for others until it knows. */
  get asking(): number {
    return this.#asking
  }

  /** There may be room where there was none. */
  makeRoom(): void {
    this.#roomMade.ring()
  }

  /** There may be work where there was none, so it does not wait any longer. */
  lookAgain(): void {
    this.#workDue.ring()
    this.#roomMade.ring()
  }

  /** Lets `run` end. */
  stop(): void {
    this.#stopped.abort()
    this.lookAgain()
  }

  /** Claims until `stop`. */
  async run(): Promise<void> {
    const { pollMinMs, pollMaxMs } = this.#options
    let delayMs = pollMinMs
    while (!this.#stopped.signal.aborted) {
      const found = await this.#round(delayMs)
      delayMs = found ? pollMinMs : Math.min(pollMaxMs, delayMs * 2)
    }
  }

  /** Claims as much as there is room for, and waits for more work if there is room left. Returns whether it found any. */
  async #round(delayMs: number): Promise<boolean> {
    const { room, dispatch, service } = this.#options
    const roomMade = this.#roomMade.signal
    const workDue = this.#workDue.signal
    const limit = room()
    if (limit <= 0) {
      await aborted(roomMade)
      return true
    }
    this.#asking = limit
    const claims = await this.#claim(limit)
    this.#asking = 0
    if (claims === null) {
      await pause(delayMs, this.#stopped.signal)
      return false
    }
    await this.take(claims)
    if (claims.length < limit) await dispatch.waitForWork(service, delayMs, workDue)
    return claims.length > 0
  }

  /** Begins what was claimed, or gives it back after `stop`. */
  async take(claims: readonly Claim[]): Promise<void> {
    const { begin, giveBack } = this.#options
    if (!this.#stopped.signal.aborted) claims.forEach((claim) => begin(claim))
    else if (claims.length > 0) await giveBack(claims)
  }

  /** Null when claiming failed. */
  async #claim(limit: number): Promise<readonly Claim[] | null> {
    const { dispatch, workerUuid, logger } = this.#options
    try {
      return await dispatch.claim(workerUuid, limit)
    } catch (error) {
      logger?.error('work could not be claimed; it will be tried again', { workerUuid, error })
      return null
    }
  }
}
