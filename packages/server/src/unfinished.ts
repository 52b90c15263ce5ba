import { setTimeout } from 'node:timers/promises'

/** A database that hangs, or a body that nobody reads, keeps no server open. */
const longestWaitMs = 5_000

/** What goes on after its answer has begun, and has something to put on record when that ends. */
export class Unfinished {
  readonly #ends = new Set<Promise<void>>()

  /** Something begins; gives what is to be called when it has put on record what it has to. */
  begin(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#ends.add(promise)
    return () => {
      this.#ends.delete(promise)
      resolve()
    }
  }

  /** Resolves when all that has begun by now has ended, or after five seconds. */
  async ended(): Promise<void> {
    if (this.#ends.size === 0) return
    const waiting = new AbortController()
    const late = setTimeout(longestWaitMs, undefined, { signal: waiting.signal }).catch(() => undefined)
    await Promise.race([Promise.all(this.#ends), late])
    waiting.abort()
  }
}
