import type { Database } from '@steptrail/core'

/** After an interruption: requests have ten seconds to end, and exports five more to have that on record. */
const asksForMs = 15_000

/** How long what a database is doing when it is closed may go on. */
export const closeTimeoutMs = 5_000

/**
 * Keeps a database that has fallen silent from holding up the end of a server for ever. Fifteen seconds after an
 * interruption it is closed under whoever still uses it: what waits for its answer fails then, as when it dies. While
 * the server is starting, nobody has been promised anything, and it is closed at once, but for an embedded one, which
 * may be in the middle of a migration.
 */
export class ClosingInTime implements Disposable {
  readonly #signal: AbortSignal
  readonly #databases: Database[] = []
  #isStarting = true
  #timer: NodeJS.Timeout | undefined

  constructor(database: Database, signal: AbortSignal) {
    this.#signal = signal
    this.#databases.push(database)
    if (signal.aborted) this.#interrupted()
    else signal.addEventListener('abort', this.#interrupted, { once: true })
  }

  /** Another one, that is asked as well. */
  add(database: Database): void {
    this.#databases.push(database)
  }

  /** The server has started. */
  started(): void {
    this.#isStarting = false
  }

  [Symbol.dispose](): void {
    this.#signal.removeEventListener('abort', this.#interrupted)
    clearTimeout(this.#timer)
  }

  readonly #interrupted = (): void => {
    const isAtOnce = this.#isStarting && this.#databases.every(({ kind }) => kind === 'postgres')
    if (isAtOnce) this.#close()
    else this.#timer = setTimeout(() => this.#close(), asksForMs)
  }

  /** Whoever opened them closes them again, and is told what came of it. */
  #close(): void {
    for (const database of this.#databases) void database.close().catch(() => undefined)
  }
}
