/** Who waits for the inbox to be in some state. */
interface Waiter {
  readonly isReady: () => boolean
  readonly resume: () => void
}

/**
 * What has come and is not taken yet. Whoever adds waits for room; whoever takes waits for as much as it wants, but not
 * longer than the first of it may wait.
 */
export class Inbox<Item> {
  readonly #most: number
  readonly #items: Item[] = []
  readonly #waiters = new Set<Waiter>()

  constructor(most: number) {
    this.#most = most
  }

  /** Adds one, also where there is no room: it has come. */
  add(item: Item): void {
    this.#items.push(item)
    this.#changed()
  }

  /** Resolves when there is room, or the signal aborts. */
  async room(signal: AbortSignal): Promise<void> {
    await this.#until(() => this.#items.length < this.#most, { signal })
  }

  /** Takes up to `most`: at once where they are there, else once the first has waited `ageMs`. Nothing when the signal aborts. */
  async take(most: number, ageMs: number, signal: AbortSignal): Promise<readonly Item[]> {
    await this.#until(() => this.#items.length > 0, { signal })
    await this.#until(() => this.#items.length >= most, { signal, forMs: ageMs })
    return signal.aborted ? [] : this.#takeNow(most)
  }

  /** Takes all there is. */
  drain(): readonly Item[] {
    return this.#takeNow(this.#items.length)
  }

  #takeNow(most: number): readonly Item[] {
    const taken = this.#items.splice(0, most)
    this.#changed()
    return taken
  }

  #changed(): void {
    for (const waiter of this.#waiters) if (waiter.isReady()) waiter.resume()
  }

  #until(
    isReady: () => boolean,
    { signal, forMs }: { readonly signal: AbortSignal; readonly forMs?: number },
  ): Promise<void> {
    if (isReady() || signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const resume = (): void => {
        this.#waiters.delete(waiter)
        signal.removeEventListener('abort', resume)
        clearTimeout(timer)
        resolve()
      }
      const waiter = { isReady, resume }
      const timer = forMs === undefined ? undefined : setTimeout(resume, forMs)
      this.#waiters.add(waiter)
      signal.addEventListener('abort', resume)
    })
  }
}
