import { setTimeout as pause } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import { collecting, type RedisKeys } from '../redis/redis-keys.ts'
import { collectEvents, runScript } from '../redis/scripts.ts'

/** Events that are taken at once, while Redis does nothing else. */
const collectedAtOnce = 1_000

/** How long events may wait: BullMQ keeps the last of them only, and their jobs may be gone soon. */
const collectedEveryMs = 100

/**
 * Takes the events of all queues that are observed into the outbox, however long putting it on record takes. Any number
 * may do so at a time.
 *
 * `collecting → stopped`
 */
export class Collector {
  readonly #client: Redis
  readonly #keys: RedisKeys
  readonly #stopping = new AbortController()
  readonly #loop: Promise<void>

  constructor(client: Redis, keys: RedisKeys) {
    this.#client = client
    this.#keys = keys
    this.#loop = this.#run()
  }

  /** Takes all that there is until now; gives the queues that are observed. */
  async collect(): Promise<readonly string[]> {
    const queues = await this.#client.smembers(this.#keys.queues)
    for (const queue of queues) while (!(await this.#collectSome(queue)));
    return queues
  }

  /** Resolves when nothing is being taken. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#loop
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      // Whoever reads the outbox collects as well, and is told what is wrong.
      await Promise.allSettled([this.collect()])
      await Promise.allSettled([pause(collectedEveryMs, undefined, { signal, ref: false })])
    }
  }

  /** Gives whether these were all. */
  async #collectSome(queue: string): Promise<boolean> {
    const { keys, values } = collecting(this.#keys, queue)
    return (
      (await runScript(this.#client, collectEvents, { keys, values: [...values, collectedAtOnce] })) === 1
    )
  }
}
