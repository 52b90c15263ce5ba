/** As long as so many are under way, no other write begins. Those that had begun by then may become more of them. */
const mostAbandoned = 2

/**
 * Bounds the writes that nobody waits for any more. Such a write may still hold a connection, and what it waits for
 * itself: a locked table, a network that swallows everything. Without a bound, each further try would take another
 * connection, until the application has none left.
 */
export class AbandonedWrites {
  readonly #endings = new Set<Promise<void>>()

  /**
   * Runs a write, as soon as there are not too many abandoned ones; it is abandoned when the signal is aborted while it
   * runs. Rejects with the reason of the signal when that is aborted before.
   */
  async run<T>(signal: AbortSignal, write: () => Promise<T>): Promise<T> {
    while (this.#endings.size >= mostAbandoned) await this.#oneLess(signal)
    const written = write()
    const ending = written.then(nothing, nothing)
    const abandon = (): void => {
      this.#endings.add(ending)
      void ending.then(() => this.#endings.delete(ending))
    }
    signal.addEventListener('abort', abandon, { once: true })
    try {
      return await written
    } finally {
      signal.removeEventListener('abort', abandon)
    }
  }

  async #oneLess(signal: AbortSignal): Promise<void> {
    const { promise, reject } = Promise.withResolvers<never>()
    const abort = (): void => reject(signal.reason as Error)
    signal.addEventListener('abort', abort, { once: true })
    try {
      signal.throwIfAborted()
      await Promise.race([promise, ...this.#endings])
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }
}

const nothing = (): void => undefined
