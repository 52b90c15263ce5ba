import type { Redis } from 'ioredis'
import type { BullmqPlace } from '../install/place.ts'
import { connectAgain, isSilence } from '../redis/connection.ts'
import { collecting, type RedisKeys, redisKeys } from '../redis/redis-keys.ts'
import { appendNotes, runScript, type ScriptArguments } from '../redis/scripts.ts'
import { type AttemptNotes, jobOf, type Jobs, NoteLog, type Notes } from './note-log.ts'

/**
 * Writes notes into the outbox in Redis, after what BullMQ has done until then. Each queue by itself, so that one which is
 * not observed spoils nothing of others.
 *
 * `open → closed`
 */
export class RedisNotes implements Notes {
  readonly #client: Redis
  readonly #keys: RedisKeys
  readonly #logs = new Map<string, NoteLog>()

  constructor(place: BullmqPlace, answerWithinMs: number) {
    this.#keys = redisKeys(place)
    this.#client = connectAgain(place.url, answerWithinMs)
  }

  async write(notes: AttemptNotes): Promise<boolean> {
    return await this.#logOf(notes.queue).write(notes)
  }

  async close(): Promise<void> {
    await Promise.all(Array.from(this.#logs.values(), (log) => log.settled()))
    this.#client.disconnect()
  }

  #logOf(queue: string): NoteLog {
    const log = this.#logs.get(queue) ?? new NoteLog((notes) => this.#writeNotes(queue, notes))
    this.#logs.set(queue, log)
    return log
  }

  async #writeNotes(queue: string, notes: readonly AttemptNotes[]): Promise<Jobs> {
    const { keys, values } = collecting(this.#keys, queue)
    const given = notes.flatMap(({ jobId, attempt, body }) => [jobId, attempt, JSON.stringify(body)])
    const written = (await this.#run({ keys, values: [...values, ...given] })) as readonly number[]
    return new Set(notes.filter((_, index) => written[index] === 1).map(jobOf))
  }
  /** A server that has fallen silent is asked by another connection then. */
  async #run(given: ScriptArguments): Promise<unknown> {
    try {
      return await runScript(this.#client, appendNotes, given)
    } catch (error) {
      if (isSilence(error)) this.#client.disconnect(true)
      throw error
    }
  }
}
