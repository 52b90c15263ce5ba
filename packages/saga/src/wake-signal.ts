/** Whom to wake: the workers of services, the clock when a retry has been scheduled, who waits for an end. */
export interface Wake {
  readonly services: readonly string[]
  readonly clock: boolean
  /** Executions that have ended. */
  readonly ended: readonly string[]
}

type Topic = `service ${string}` | 'clock'

/**
 * Wakes those who wait in this process. A wake that nobody waits for is kept for the next who does: it came
 * while that one was looking, and may be about what it did not see. The signal only shortens a wait: whoever
 * waits also looks again by itself, so a lost signal costs time and nothing else.
 */
export class WakeSignal {
  readonly #waiting = new Map<Topic, Set<() => void>>()
  readonly #kept = new Set<Topic>()
  readonly #onEnded: (executionIds: readonly string[]) => void

  /** `onEnded` is told of executions that have ended. */
  constructor(onEnded: (executionIds: readonly string[]) => void = () => {}) {
    this.#onEnded = onEnded
  }

  /** Wakes everybody whom it concerns. */
  wake(wake: Wake): void {
    for (const service of wake.services) this.#wake(`service ${service}`)
    if (wake.clock) this.#wake('clock')
    if (wake.ended.length > 0) this.#onEnded(wake.ended)
  }

  /** Resolves when the service has work, after `timeoutMs`, or when `signal` aborts. */
  waitForService(service: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
    return this.#wait(`service ${service}`, timeoutMs, signal)
  }

  /** Resolves when a retry has been scheduled, after `timeoutMs`, or when `signal` aborts. */
  waitForClock(timeoutMs: number, signal: AbortSignal): Promise<void> {
    return this.#wait('clock', timeoutMs, signal)
  }

  #wake(topic: Topic): void {
    const waiting = this.#waiting.get(topic)
    if (!waiting || waiting.size === 0) this.#kept.add(topic)
    for (const done of waiting ?? []) done()
  }

  #wait(topic: Topic, timeoutMs: number, signal: AbortSignal): Promise<void> {
    if (this.#kept.delete(topic) || signal.aborted) return Promise.resolve()
    const waiting = this.#waiting.get(topic) ?? new Set()
    this.#waiting.set(topic, waiting)
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        waiting.delete(done)
        signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, timeoutMs)
      waiting.add(done)
      signal.addEventListener('abort', done, { once: true })
    })
  }
}
