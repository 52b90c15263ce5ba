/** How long what the database said of its clock is good for. */
const goodForMs = 10_000

/**
 * The database's clock, as far as it is known without asking: what it said last, and the time since by this
 * process's monotonic clock. It is behind by the time that the answer took; who writes by it has the database check
 * that it is not off by more.
 */
export class DatabaseClock {
  #said: { readonly nowMs: number; readonly atMs: number } | null = null

  /** The database said, just now, that it is `nowMs`. */
  set(nowMs: number, atMs = performance.now()): void {
    this.#said = { nowMs, atMs }
  }

  /** Milliseconds since 1970; null when nothing has been heard of it for a while. */
  now(atMs = performance.now()): number | null {
    if (this.#said === null || atMs - this.#said.atMs > goodForMs) return null
    return Math.floor(this.#said.nowMs + (atMs - this.#said.atMs))
  }
}
