import { TrailError } from '@steptrail/event'

/** Below what those who watch over a server mostly wait for its answer. */
const answersWithinMs = 3_000
/** A question that has been out for so long may never be answered, on a connection that is dead: it is asked again. */
const asksAgainAfterMs = 10_000

/**
 * A question to what may not answer. Who asks while it is out shares its answer, so that what does not answer is not
 * asked more and more, and waits for it three seconds at most.
 */
export class Probe<Answer> {
  readonly #question: () => Promise<Answer>
  readonly #whom: string
  #out: { readonly answer: Promise<Answer>; readonly askedAt: number } | undefined

  constructor(whom: string, question: () => Promise<Answer>) {
    this.#whom = whom
    this.#question = question
  }

  /** Rejects as the question does, and with `request_timeout` when there is no answer in time. */
  async ask(): Promise<Answer> {
    const { promise: late, reject } = Promise.withResolvers<never>()
    const timer = setTimeout(() => reject(this.#silent()), answersWithinMs)
    try {
      return await Promise.race([this.#shared(), late])
    } finally {
      clearTimeout(timer)
    }
  }

  #shared(): Promise<Answer> {
    if (this.#out && performance.now() - this.#out.askedAt < asksAgainAfterMs) return this.#out.answer
    const out = { answer: this.#question(), askedAt: performance.now() }
    this.#out = out
    const isBack = (): void => {
      if (this.#out === out) this.#out = undefined
    }
    out.answer.then(isBack, isBack)
    return out.answer
  }

  #silent(): TrailError {
    return new TrailError(
      'request_timeout',
      `${this.#whom} has not answered within ${answersWithinMs} ms: see whether it hangs, or is out of connections`,
    )
  }
}
