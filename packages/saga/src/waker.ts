import type { Database } from '@steptrail/core'
import { isEnded } from '@steptrail/workflow'
import type { Decision } from './decision.ts'
import { notifyWake } from './wake-listener.ts'
import type { Wake, WakeSignal } from './wake-signal.ts'

/** What a waker is made of. */
export interface WakerOptions {
  readonly signal: WakeSignal
  /** Told when others could not be told: they look by themselves a little later. */
  readonly onTrouble: (message: string, cause: unknown) => void
}

/** Ends, and services, told with one notification at most: its text may have 8,000 bytes, and a name 100. */
const mostEnded = 100
const mostServices = 35

/**
 * Wakes whoever has something to do because of what was decided: at once here, and in other processes by one
 * notification at a time, which says all that has come together while the one before was under way. Nobody waits
 * for it: what was decided is committed, and a notification only shortens waits.
 */
export class Waker {
  readonly #database: Database
  readonly #options: WakerOptions
  readonly #services = new Set<string>()
  readonly #ended = new Set<string>()
  #clock = false
  #telling: Promise<void> | null = null

  constructor(database: Database, options: WakerOptions) {
    this.#database = database
    this.#options = options
  }

  /** After the commit of what was decided. */
  wakeFor(decided: readonly Decision[]): void {
    if (decided.length === 0) return
    const wake: Wake = {
      services: [...new Set(decided.flatMap((decision) => decision.services))],
      clock: decided.some(({ moves }) =>
        moves.some((move) => move.kind === 'step' && move.to === 'waiting_for_retry'),
      ),
      ended: decided.filter(hasEnded).map(({ executionId }) => executionId),
    }
    this.#options.signal.wake(wake)
    if (this.#database.kind === 'embedded') return
    for (const service of wake.services) this.#services.add(service)
    for (const executionId of wake.ended) this.#ended.add(executionId)
    this.#clock ||= wake.clock
    if (this.#hasNews) this.#telling ??= this.#tell()
  }

  /** Resolves when everything has been told. */
  async idle(): Promise<void> {
    await this.#telling
  }

  get #hasNews(): boolean {
    return this.#services.size > 0 || this.#ended.size > 0 || this.#clock
  }

  async #tell(): Promise<void> {
    while (this.#hasNews) {
      const ended = [...this.#ended].slice(0, mostEnded)
      const services = [...this.#services].slice(0, mostServices)
      const wake: Wake = { services, clock: this.#clock, ended }
      for (const service of services) this.#services.delete(service)
      for (const executionId of ended) this.#ended.delete(executionId)
      this.#clock = false
      try {
        await notifyWake(this.#database, wake)
      } catch (cause) {
        this.#options.onTrouble(
          'other processes could not be told of new work; they look by themselves',
          cause,
        )
      }
    }
    this.#telling = null
  }
}

const hasEnded = ({ moves }: Decision): boolean =>
  moves.some((move) => move.kind === 'execution' && isEnded(move.to))
