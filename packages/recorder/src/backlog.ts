import type { PendingEvent } from './fate.ts'
import type { Sink } from './sink.ts'

/** How large a batch gets. */
export interface BatchLimits {
  readonly events: number
  readonly bytes: number
}

/** How large a batch gets that a sink is to take. */
export const limitsAt = (sink: Sink, { events, bytes }: BatchLimits): BatchLimits => ({
  events: Math.min(events, sink.maxBatchEvents ?? events),
  bytes: Math.min(bytes, sink.maxBatchBytes ?? bytes),
})

interface Batch {
  readonly events: PendingEvent[]
  bytes: number
}

/** Events that wait for the sink, in batches and in order. */
export class Backlog {
  readonly #limits: BatchLimits
  #filling: Batch = { events: [], bytes: 0 }
  #sealed: (readonly PendingEvent[])[] = []

  constructor(limits: BatchLimits) {
    this.#limits = limits
  }

  /** Whether a batch is waiting that will not grow any more. */
  get isReady(): boolean {
    return this.#sealed.length > 0
  }

  /** Whether a batch has begun that may still grow. */
  get isFilling(): boolean {
    return this.#filling.events.length > 0
  }

  add(event: PendingEvent): void {
    if (this.isFilling && this.#filling.bytes + event.size > this.#limits.bytes) this.seal()
    this.#filling.events.push(event)
    this.#filling.bytes += event.size
    if (this.#filling.events.length >= this.#limits.events || this.#filling.bytes >= this.#limits.bytes)
      this.seal()
  }

  /** Ends the batch that is filling. */
  seal(): void {
    if (!this.isFilling) return
    this.#sealed.push(this.#filling.events)
    this.#filling = { events: [], bytes: 0 }
  }

  /** The oldest batch that is ready. */
  take(): readonly PendingEvent[] | undefined {
    return this.#sealed.shift()
  }

  /**
   * Puts in events that found no place elsewhere: in front of all that came later, and behind all that came before. As
   * many as they are, no batch gets larger than it may be.
   */
  putBack(events: readonly PendingEvent[]): void {
    const [first] = events
    if (!first) return
    const [filling] = this.#filling.events
    if (filling && filling.seq < first.seq) this.seal()
    const place = this.#sealed.findIndex(([other]) => other !== undefined && other.seq > first.seq)
    this.#sealed.splice(place === -1 ? this.#sealed.length : place, 0, ...this.#inBatches(events))
  }

  /** Takes the newest, at most so many, in order. */
  takeNewest(most: number): readonly PendingEvent[] {
    if (most <= 0) return []
    const all = this.takeAll()
    const kept = Math.max(0, all.length - most)
    for (const event of all.slice(0, kept)) this.add(event)
    this.seal()
    return all.slice(kept)
  }

  /** Takes everything, in order. */
  takeAll(): readonly PendingEvent[] {
    this.seal()
    const all = this.#sealed.flat()
    this.#sealed = []
    return all
  }

  #inBatches(events: readonly PendingEvent[]): (readonly PendingEvent[])[] {
    const batches: PendingEvent[][] = []
    let bytes = 0
    for (const event of events) {
      const batch = batches.at(-1)
      bytes += event.size
      if (batch && batch.length < this.#limits.events && bytes <= this.#limits.bytes) batch.push(event)
      else {
        batches.push([event])
        bytes = event.size
      }
    }
    return batches
  }
}
