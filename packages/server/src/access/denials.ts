import { type Database, recordAdministration } from '@steptrail/core'
import type { TrailError } from '@steptrail/event'
import type { Wanted } from './access.ts'
import type { Principal } from './principal.ts'

/** An attempt that was refused. */
export interface Denial {
  readonly error: TrailError
  readonly wanted: Wanted
  /** Null where it is not known who it was. */
  readonly principal: Principal | null
  readonly address: string | null
}

/** Attempts of one caller that are recorded in a second, at most: who only wants to fill the trail shall not. */
const perSecond = 10

/** Puts refused attempts on record. */
export class Denials {
  readonly #database: Database
  readonly #now: () => number
  #second = 0
  readonly #attempts = new Map<string, number>()
  #passedOver = 0

  constructor(database: Database, now: () => number = Date.now) {
    this.#database = database
    this.#now = now
  }

  /** Records an attempt, or counts it for the next event where there are too many. */
  async record({ error, wanted, principal, address }: Denial): Promise<void> {
    if (!this.#mayRecord(principal?.countedAs ?? address ?? 'nowhere')) return
    const passedOver = this.#passedOver
    this.#passedOver = 0
    const { actor = null, tenant = null } = principal ?? {}
    await this.#database.transaction((tx) =>
      recordAdministration(tx, {
        eventType: 'TRAIL_ACCESS_DENIED',
        status: 'FAILED',
        severity: 'warning',
        reason: error.message,
        ...(actor && { actorType: actor.type, actorId: actor.id }),
        ...(tenant !== null && { tenant }),
        details: {
          method: wanted.method.toUpperCase(),
          path: wanted.path,
          scope: wanted.scope,
          address,
          ...(passedOver > 0 && { passedOver }),
        },
      }),
    )
  }

  #mayRecord(caller: string): boolean {
    const second = Math.floor(this.#now() / 1000)
    if (second !== this.#second) this.#attempts.clear()
    this.#second = second
    const attempts = (this.#attempts.get(caller) ?? 0) + 1
    this.#attempts.set(caller, attempts)
    if (attempts <= perSecond) return true
    this.#passedOver += 1
    return false
  }
}
