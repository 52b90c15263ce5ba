/**
 * Wakes whoever waits. Take `signal` first, then look whether there is something to do, then wait for the
 * signal: a ring in between is not missed.
 */
export class Bell {
  /** There is none as long as nobody has taken its signal: to ring for nobody is then for free. */
  #controller: AbortController | undefined

  /** Aborts at the next ring. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    return this.#controller.signal
  }

  /** Aborts the present signal and hangs up a new one. */
  ring(): void {
    const rung = this.#controller
    this.#controller = undefined
    rung?.abort(rang)
  }
}

/** One for all, since each that is made has its stack traced. */
const rang = new DOMException('the bell rang', 'AbortError')
