import { type OutgoingEvent, type Sink, type SinkOutcome, writeSplitting } from '@steptrail/recorder'

/** Events that somebody waits for. */
interface Waiting {
  readonly events: readonly OutgoingEvent[]
  readonly signal: AbortSignal
  readonly resolve: (outcomes: readonly SinkOutcome[]) => void
  readonly reject: (error: unknown) => void
}

/** How much is written at once. */
export interface GatheringLimits {
  /** Writes under way at a time, as long as they go on and what waits does not fill another. */
  readonly writes: number
  /** Writes under way at a time otherwise. */
  readonly mostWrites: number
  /** Writes go on as long as it is not longer ago that one began or ended. */
  readonly stillMs: number
  /** Events of several senders in one write at most; a sender's own are never parted. */
  readonly events: number
}

/** Two writes keep one connection busy, and a third is written while their commits wait for the disk. */
const defaultLimits: GatheringLimits = { writes: 3, mostWrites: 6, stillMs: 1000, events: 2000 }

/**
 * Writes what many send at once: while as many writes are under way as may be, what comes is gathered, and goes in
 * one write that costs the database less than many. Each sender hears of its own events only, and what the database
 * refuses of one takes nothing with it of another.
 */
export class GatheredWrites {
  readonly #sink: Sink
  readonly #limits: GatheringLimits
  readonly #waiting: Waiting[] = []
  #waitingEvents = 0
  #underWay = 0
  #movedAtMs = 0

  constructor(sink: Sink, limits: GatheringLimits = defaultLimits) {
    this.#sink = sink
    this.#limits = limits
  }

  /** What became of each event, in order. Throws what the sink throws; `signal` says that nobody waits any more. */
  async write(events: readonly OutgoingEvent[], signal: AbortSignal): Promise<readonly SinkOutcome[]> {
    if (events.length === 0) return []
    return await new Promise((resolve, reject) => {
      this.#waiting.push({ events, signal, resolve, reject })
      this.#waitingEvents += events.length
      this.#next()
    })
  }

  #next(): void {
    while (this.#waiting.length > 0 && this.#mayBegin()) {
      const together = this.#takeSome()
      this.#underWay += 1
      this.#movedAtMs = performance.now()
      void this.#writeAll(together).finally(() => {
        this.#underWay -= 1
        this.#movedAtMs = performance.now()
        this.#next()
      })
    }
  }

  #mayBegin(): boolean {
    const { writes, mostWrites, stillMs, events } = this.#limits
    if (this.#underWay < writes) return true
    if (this.#underWay >= mostWrites) return false
    return this.#waitingEvents >= events || performance.now() - this.#movedAtMs >= stillMs
  }

  #takeSome(): readonly Waiting[] {
    let [count, events] = [0, 0]
    for (const waiting of this.#waiting) {
      const more = waiting.events.length
      if (count > 0 && events + more > this.#limits.events) break
      events += more
      count += 1
    }
    this.#waitingEvents -= events
    return this.#waiting.splice(0, count)
  }

  async #writeAll(together: readonly Waiting[]): Promise<void> {
    try {
      const all = together.flatMap(({ events }) => events)
      const outcomes = await writeSplitting(this.#sink, all, abortedWithAll(together))
      let start = 0
      for (const { events, resolve } of together) resolve(outcomes.slice(start, (start += events.length)))
    } catch (error) {
      for (const { reject } of together) reject(error)
    }
  }
}

/** Aborted once nobody waits any more: who goes away takes nothing with it of who stays. */
function abortedWithAll(together: readonly Waiting[]): AbortSignal {
  const ending = new AbortController()
  let left = together.length
  for (const { signal } of together) {
    const leave = (): void => {
      left -= 1
      if (left === 0) ending.abort(signal.reason)
    }
    if (signal.aborted) leave()
    else signal.addEventListener('abort', leave, { once: true })
  }
  return ending.signal
}
