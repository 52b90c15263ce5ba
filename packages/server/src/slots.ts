import { TrailError } from '@steptrail/event'

/** So many at a time, of which one tenant holds half at most: what it takes, the others are not to miss. */
export class Slots {
  readonly #most: number
  readonly #what: string
  /** How many are held, by tenant; null is who is bound to none. */
  readonly #held = new Map<string | null, number>()

  constructor(most: number, what: string) {
    this.#most = most
    this.#what = what
  }

  /**
   * Holds one for a caller who is bound to this tenant, or to none; gives what lets it go, once.
   *
   * @throws TrailError `server_busy` when all are held, or as many as the tenant may hold
   */
  take(tenant: string | null): () => void {
    if (this.#heldByAll() >= this.#most) throw this.#busy(`has ${this.#most} ${this.#what}`)
    const ofTenant = Math.ceil(this.#most / 2)
    if (tenant !== null && this.#heldBy(tenant) >= ofTenant)
      throw this.#busy(`has ${ofTenant} ${this.#what} of tenant ${tenant}`)
    this.#add(tenant, 1)
    let isHeld = true
    return () => {
      if (isHeld) this.#add(tenant, -1)
      isHeld = false
    }
  }

  #heldByAll(): number {
    return [...this.#held.values()].reduce((sum, held) => sum + held, 0)
  }

  #heldBy(tenant: string | null): number {
    return this.#held.get(tenant) ?? 0
  }

  #add(tenant: string | null, change: 1 | -1): void {
    const held = this.#heldBy(tenant) + change
    if (held > 0) this.#held.set(tenant, held)
    else this.#held.delete(tenant)
  }

  #busy(has: string): TrailError {
    return new TrailError('server_busy', `the server ${has}, and takes no more: try again`, {
      details: { retryAfterSeconds: 10 },
    })
  }
}
