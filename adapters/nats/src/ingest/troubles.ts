import { carefully } from '@steptrail/event'
import { messageOf } from '../stream/nats-link.ts'

const told = {
  stream: 'events cannot be taken from the stream; trying again',
  database: 'events of the stream cannot be settled; trying again',
} as const

/** What does not work at the moment, by the part that does not. Each is told of when it begins, and again when its reason changes. */
export class Troubles {
  readonly #onTrouble: ((message: string, cause: unknown) => void) | undefined
  readonly #current = new Map<keyof typeof told, unknown>()

  constructor(onTrouble: ((message: string, cause: unknown) => void) | undefined) {
    this.#onTrouble = onTrouble && carefully(onTrouble)
  }

  /** The first of them; null when everything works. */
  get current(): unknown {
    const [first = null] = this.#current.values()
    return first
  }

  began(part: keyof typeof told, cause: unknown): void {
    const before = this.#current.get(part)
    this.#current.set(part, cause)
    if (before === undefined || messageOf(before) !== messageOf(cause)) this.#onTrouble?.(told[part], cause)
  }

  over(part: keyof typeof told): void {
    this.#current.delete(part)
  }
}
