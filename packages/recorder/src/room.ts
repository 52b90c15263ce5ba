import type { Timers } from './timers.ts'

/** What a room depends on. */
export interface RoomOptions {
  /** How many events there is a place for just now, whatever their size. */
  readonly freePlaces: () => number
  readonly timers: Timers
  /** Places that were promised, and that nobody took, are free again. */
  readonly lapsed: () => void
}

/**
 * Gives out the free places of the queue to those who wait for one, first come, first served. A place that was
 * promised is not promised again until an event has taken it; one that nobody takes at once is free again.
 */
export class Room {
  readonly #options: RoomOptions
  readonly #waiting: (() => void)[] = []
  #promised = 0
  #isLapsing = false

  constructor(options: RoomOptions) {
    this.#options = options
  }

  /** How many places are promised to those who have asked for one. */
  get promised(): number {
    return this.#promised
  }

  /** Resolves when there is a place for the caller. */
  place(): Promise<void> {
    if (this.#waiting.length === 0 && this.#promised < this.#options.freePlaces()) {
      this.#promise()
      return Promise.resolve()
    }
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
    })
  }

  /** An event has come that asked for a place, and takes it. */
  taken(): void {
    if (this.#promised > 0) this.#promised -= 1
  }

  /** Promises the places that have become free. */
  share(): void {
    while (this.#waiting.length > 0 && this.#promised < this.#options.freePlaces()) {
      this.#promise()
      this.#waiting.shift()?.()
    }
  }

  /** Lets everybody go who waits: there will be no more places. */
  close(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  #promise(): void {
    this.#promised += 1
    if (this.#isLapsing) return
    this.#isLapsing = true
    this.#options.timers.after(0, () => {
      this.#isLapsing = false
      this.#promised = 0
      this.#options.lapsed()
      this.share()
    })
  }
}
