import { TrailError } from '@steptrail/event'

/** So many at a time. */
export class Slots {
  readonly #most: number
  readonly #what: string
  #held = 0

  constructor(most: number, what: string) {
    this.#most = most
    this.#what = what
  }

  /** How many are held. */
  get held(): number {
    return this.#held
  }

  /** Holds one; gives what lets it go, once. Throws `server_busy` when all are held. */
  take(): () => void {
    if (this.#held >= this.#most)
      throw new TrailError(
        'server_busy',
        `the server has ${this.#most} ${this.#what}, and takes no more: try again`,
        {
          details: { retryAfterSeconds: 10 },
        },
      )
    this.#held += 1
    let isHeld = true
    return () => {
      if (isHeld) this.#held -= 1
      isHeld = false
    }
  }

  /** Holds one while the work is done. */
  async hold<T>(work: () => Promise<T>): Promise<T> {
    const release = this.take()
    try {
      return await work()
    } finally {
      release()
    }
  }
}
