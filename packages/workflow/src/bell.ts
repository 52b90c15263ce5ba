/**
 * Wakes whoever waits. Take `signal` first, then look whether there is something to do, then wait for the
 * signal: a ring in between is not missed.
 */
export class Bell {
  #controller = new AbortController()

  /** Aborts at the next ring. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Aborts the present signal and hangs up a new one. */
  ring(): void {
    const rung = this.#controller
    this.#controller = new AbortController()
    rung.abort()
  }
}
