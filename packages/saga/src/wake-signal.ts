import { EventEmitter } from 'node:events'

/** Whom to wake: the workers of services, and the clock when a retry has been scheduled. */
export interface Wake {
  readonly services: readonly string[]
  readonly clock: boolean
}

/**
 * Wakes those who wait in this process. It only shortens a wait: whoever waits also looks again by itself,
 * so a lost signal costs time and nothing else.
 */
export class WakeSignal {
  readonly #emitter = new EventEmitter().setMaxListeners(0)

  /** Wakes everybody whom it concerns. */
  wake(wake: Wake): void {
    for (const service of wake.services) this.#emitter.emit(`service ${service}`)
    if (wake.clock) this.#emitter.emit('clock')
    this.#emitter.emit('any')
  }

  /** Resolves when the service has work, after `timeoutMs`, or when `signal` aborts. */
  waitForService(service: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
    return this.#wait(`service ${service}`, timeoutMs, signal)
  }

  /** Resolves when a retry has been scheduled, after `timeoutMs`, or when `signal` aborts. */
  waitForClock(timeoutMs: number, signal: AbortSignal): Promise<void> {
    return this.#wait('clock', timeoutMs, signal)
  }

  /** Resolves when anything has been decided, after `timeoutMs`, or when `signal` aborts. */
  waitForAny(timeoutMs: number, signal: AbortSignal): Promise<void> {
    return this.#wait('any', timeoutMs, signal)
  }

  #wait(name: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        this.#emitter.off(name, done)
        signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, timeoutMs)
      this.#emitter.once(name, done)
      signal.addEventListener('abort', done, { once: true })
    })
  }
}
