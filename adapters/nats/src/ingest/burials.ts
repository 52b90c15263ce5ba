import type { OpenLink } from '../stream/nats-link.ts'
import type { StreamPlaces } from '../stream/stream-places.ts'
import { bury, type WhyDead } from './dead-letters.ts'
import { acknowledge, deliveredOf, type Received } from './received.ts'

/** A message that can never be on record. */
export interface DeadMessage {
  readonly received: Received
  readonly why: WhyDead
}

/** How many are under way to the stream of dead letters at a time. */
const mostAtOnce = 100

/**
 * Messages that are on their way to the stream of dead letters. Where that stream does not take them, they stay here, and
 * in their own stream, while what comes after them is written: until as many wait as the consumer lets be unacknowledged.
 */
export class Burials {
  /** By their numbers: what is not acknowledged comes again. */
  readonly #waiting = new Map<number, DeadMessage>()

  get size(): number {
    return this.#waiting.size
  }

  add(dead: readonly DeadMessage[]): void {
    for (const each of dead) this.#waiting.set(deliveredOf(each.received).sequence, each)
  }

  /** Takes those that are left, unburied. */
  drain(): readonly Received[] {
    const left = [...this.#waiting.values()].map(({ received }) => received)
    this.#waiting.clear()
    return left
  }

  /** Buries all, acknowledges them, and tells of each; of those that cannot be buried it throws why, after the others. */
  async bury(
    { link, places }: { readonly link: OpenLink; readonly places: StreamPlaces },
    buried: (why: WhyDead) => void,
  ): Promise<void> {
    const failures: unknown[] = []
    const waiting = [...this.#waiting]
    for (let first = 0; first < waiting.length; first += mostAtOnce) {
      const some = waiting.slice(first, first + mostAtOnce)
      await Promise.all(
        some.map(async ([sequence, { received, why }]) => {
          try {
            await bury(deliveredOf(received), why, { link, places })
            acknowledge([received], link.connection)
            this.#waiting.delete(sequence)
            buried(why)
          } catch (error) {
            failures.push(error)
          }
        }),
      )
    }
    if (failures.length > 0) throw failures[0]
  }
}
