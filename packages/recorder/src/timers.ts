/** How time passes for a recorder. Passed in, so that tests can let it pass. */
export interface Timers {
  /** Calls back once, `delayMs` milliseconds from now; what is returned cancels it. */
  after(delayMs: number, callback: () => void): () => void
  /** Milliseconds since some moment, never going back: for durations. */
  elapsedMs(): number
}

/** The timers of this machine. */
export const systemTimers: Timers = {
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs)
    return () => clearTimeout(timer)
  },
  elapsedMs: () => performance.now(),
}
