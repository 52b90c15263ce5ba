/** Failures beside one another may have reasons that change about. */
const quietMs = 10_000

/**
 * Whether it is news that something does not work which is tried again and again: when that begins, and when its reason
 * has become another, which may ask for something else to be done; but not within ten seconds after the last news.
 */
export class Outage {
  readonly #elapsedMs: () => number
  #cause: unknown = null
  #told: { readonly reason: string; readonly atMs: number } | undefined

  /** Milliseconds since some moment that never go back: those of this machine unless given. */
  constructor(elapsedMs = (): number => performance.now()) {
    this.#elapsedMs = elapsedMs
  }

  /** Why it does not work; null while it does. */
  get cause(): unknown {
    return this.#cause
  }

  /** It has failed. Never throws, whatever the error is. */
  isNews(error: unknown): boolean {
    this.#cause = error
    // Numbers are mostly of how many events, of ports, or of a time.
    const reason = textOf(error).replaceAll(/\d+/g, '0')
    const nowMs = this.#elapsedMs()
    if (this.#told && (this.#told.reason === reason || nowMs < this.#told.atMs + quietMs)) return false
    this.#told = { reason, atMs: nowMs }
    return true
  }

  /** It works: the next failure is of another outage. */
  over(): void {
    this.#cause = null
    this.#told = undefined
  }
}

function textOf(error: unknown): string {
  try {
    const text: unknown = error instanceof Error ? error.message : error
    return String(text)
  } catch {
    return ''
  }
}
