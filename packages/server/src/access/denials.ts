import { type Database, recordAdministration } from '@steptrail/core'
import { TrailError } from '@steptrail/event'
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

/** Whether an error says that who asks may not. */
export const isDenial = (error: unknown): error is TrailError =>
  error instanceof TrailError && (error.code === 'access_denied' || error.code === 'unauthenticated')

/** Attempts of one caller that are recorded in a second, at most: who only wants to fill the trail shall not. */
const perSecond = 10

/** Puts refused attempts on record. */
export class Denials {
  readonly #database: Database
  readonly #now: () => number
  #second = 0
  readonly #attempts = new Map<string, number>()
  /** By tenant, whose events it is told in: what others tried is none of its business. */
  readonly #passedOver = new Map<string | null, number>()

  constructor(database: Database, now: () => number = Date.now) {
    this.#database = database
    this.#now = now
  }

  /** Records an attempt, or counts it for the next event where there are too many. */
  async record({ error, wanted, principal, address }: Denial): Promise<void> {
    const { actor = null, tenant = null } = principal ?? {}
    const passedOver = this.#passedOver.get(tenant) ?? 0
    if (!this.#mayRecord(principal?.countedAs ?? address ?? 'nowhere')) {
      this.#passedOver.set(tenant, passedOver + 1)
      return
    }
    this.#passedOver.delete(tenant)
    await this.#database.transaction((tx) =>
      recordAdministration(tx, {
        eventType: 'TRAIL_ACCESS_DENIED',
        status: 'FAILED',
        severity: 'warning',
        reason: storable(error.message),
        ...(actor && { actorType: actor.type, actorId: actor.id }),
        ...(tenant !== null && { tenant }),
        details: {
          method: wanted.method.toUpperCase(),
          path: storable(wanted.path),
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
    return attempts <= perSecond
  }
}

/** Characters of a path that are recorded: whoever asks for a long one shall not fill the trail. */
const mostCharacters = 1000

/** The text as an event may hold it, so that no path is asked for without leaving one. */
const storable = (text: string): string =>
  text.toWellFormed().replaceAll('\0', '\ufffd').slice(0, mostCharacters).toWellFormed()
