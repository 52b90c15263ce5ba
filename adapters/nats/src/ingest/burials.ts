import type { OpenLink } from '../stream/nats-link.ts'
import type { StreamPlaces } from '../stream/stream-places.ts'
import { bury, type WhyDead } from './dead-letters.ts'
import { acknowledge, deliveredOf, type Delivery } from './received.ts'

/** A message that can never be on record. What it says is read anew from its stream when it is buried. */
export interface DeadMessage {
  readonly delivery: Delivery
  readonly why: WhyDead
}

/** Where they are buried, and for how long. */
export interface Burying {
  readonly link: OpenLink
  readonly places: StreamPlaces
  readonly signal: AbortSignal
}

/** How many are under way to the stream of dead letters at a time. */
const mostAtOnce = 100
/** Characters of what is known of those that wait: of fifty thousand it is mostly less than this. */
const mostCharacters = 16 * 1024 * 1024

/**
 * Messages that are on their way to the stream of dead letters. Where that stream does not take them, they stay here, and
 * in their own stream, while what comes after them is written: until as many wait as the consumer lets be unacknowledged.
 * Those for which there is no room in memory are left to the stream, which delivers them again.
 */
export class Burials {
  /** By their numbers: what is not acknowledged comes again. */
  readonly #waiting = new Map<number, DeadMessage>()
  #characters = 0

  get size(): number {
    return this.#waiting.size
  }

  add(dead: readonly DeadMessage[]): void {
    for (const each of dead) {
      const { sequence } = deliveredOf(each.delivery)
      this.#forget(sequence)
      if (this.#characters + charactersOf(each) > mostCharacters) continue
      this.#waiting.set(sequence, each)
      this.#characters += charactersOf(each)
    }
  }

  /** Takes those that are left, unburied. */
  drain(): readonly Delivery[] {
    const left = [...this.#waiting.values()].map(({ delivery }) => delivery)
    this.#waiting.clear()
    this.#characters = 0
    return left
  }

  /**
   * Buries all, acknowledges them, and tells of each; of those that cannot be buried it throws why, after the others. Once
   * the signal aborts it begins with no more.
   */
  async bury({ link, places, signal }: Burying, buried: (why: WhyDead) => void): Promise<void> {
    const failures: unknown[] = []
    const waiting = [...this.#waiting]
    for (let first = 0; first < waiting.length && !signal.aborted; first += mostAtOnce) {
      const some = waiting.slice(first, first + mostAtOnce)
      await Promise.all(
        some.map(async ([sequence, { delivery, why }]) => {
          try {
            await bury(deliveredOf(delivery), why, { link, places })
            acknowledge([delivery], link.connection)
            this.#forget(sequence)
            buried(why)
          } catch (error) {
            failures.push(error)
          }
        }),
      )
    }
    if (failures.length > 0) throw failures[0]
  }

  #forget(sequence: number): void {
    const dead = this.#waiting.get(sequence)
    if (!dead) return
    this.#waiting.delete(sequence)
    this.#characters -= charactersOf(dead)
  }
}

const charactersOf = ({ delivery, why }: DeadMessage): number => delivery.reply.length + why.reason.length
