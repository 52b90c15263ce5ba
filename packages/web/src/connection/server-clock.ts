/** A server that is off by less is not told from an answer that took its time: it says whole seconds. */
const leastMs = 5_000

/**
 * What time it is for the server, whose times are on record: the clock of the browser may be wrong by hours. Known from the
 * answers of the server, by their header `Date`; before the first, it is the time of the browser.
 */
export class ServerClock {
  #aheadMs = 0
  #hasHeard = false

  /** Whether the server has answered. */
  get hasHeard(): boolean {
    return this.#hasHeard
  }

  /** In milliseconds since 1970. */
  readonly now = (): number => Date.now() + this.#aheadMs

  /** Learns from what answers a request that is made now. */
  async hear(carry: () => Promise<Response>): Promise<Response> {
    const askedAt = Date.now()
    const response = await carry()
    const answeredAt = Date.now()
    this.#hasHeard = true
    const said = Date.parse(response.headers.get('date') ?? '')
    const tookMs = answeredAt - askedAt
    const aheadMs = said - (askedAt + tookMs / 2)
    if (!Number.isNaN(aheadMs)) this.#aheadMs = Math.abs(aheadMs) < leastMs + tookMs ? 0 : aheadMs
    return response
  }
}
