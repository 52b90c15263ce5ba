import { carefully } from '@steptrail/event'
import { messageOf } from '../stream/nats-trouble.ts'

const told = {
  stream: 'events cannot be taken from the stream; trying again',
  database: 'events of the stream cannot be settled; trying again',
  'dead letters':
    'what can never be on record cannot be kept as dead letters; it stays in the stream, trying again',
} as const

/** What an ingester does that may not work. */
export type TroubledPart = keyof typeof told

/** What does not work at the moment, by the part that does not. Each is told of when it begins, and again when its reason changes. */
export class Troubles {
  readonly #onTrouble: ((message: string, cause: unknown) => void) | undefined
  readonly #current = new Map<TroubledPart, unknown>()

  constructor(onTrouble: ((message: string, cause: unknown) => void) | undefined) {
    this.#onTrouble = onTrouble && carefully(onTrouble)
  }

  /** The first of them; null when everything works. */
  get current(): unknown {
    const [first = null] = this.#current.values()
    return first
  }

  began(part: TroubledPart, cause: unknown): void {
    const before = this.#current.get(part)
    this.#current.set(part, cause)
    if (before === undefined || messageOf(before) !== messageOf(cause)) this.#onTrouble?.(told[part], cause)
  }

  over(part: TroubledPart): void {
    this.#current.delete(part)
  }
}
