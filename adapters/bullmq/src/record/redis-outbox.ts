import {
  type Database,
  ObservationRecorder,
  type ObservationSource,
  sourceBatch,
  type SourcedObservation,
} from '@steptrail/core'
import { TrailError } from '@steptrail/event'
import type { Redis } from 'ioredis'
import { bullmqOnRedisCapabilities } from '../capabilities.ts'
import { compareQueue, compareSome, type ObservedQueue, takeLost } from '../redis/compare-queue.ts'
import { isAnotherHistory } from '../redis/redis-history.ts'
import type { RedisKeys } from '../redis/redis-keys.ts'
import {
  confirmLock,
  refuseEntry,
  releaseLock,
  removeEntries,
  type RedisScript,
  runScript,
  takeLock,
} from '../redis/scripts.ts'
import type { BullmqRecorderOptions } from './bullmq-recorder-options.ts'
import { Collector } from './collector.ts'
import { meaningOfEntries, type MeaningOfEntries } from './meaning-of-entries.ts'
import { executionOf } from './observations-of.ts'
import type { OpenAttempt, OpenAttempts } from './open-attempt.ts'
import type { OutboxEntry } from './outbox.ts'
import { type StreamEntry, readEntry } from './read-entry.ts'

/** How long the lock lasts without a word of its holder. */
const lockMs = 15_000

/** Jobs that are compared at each time the outbox is read, though nothing says that they are to be. */
const comparedAtATime = 2_000

/** A queue with few jobs is work as well. */
const queueCountsAs = 20

/** What it is made of. */
export interface RedisOutboxParts {
  readonly keys: RedisKeys
  readonly database: Database
  readonly options: BullmqRecorderOptions
  /** By which the lock is held: one for all connections of a recorder, so that it has its lock again when one breaks. */
  readonly token: string
}

/**
 * The outbox in the Redis of BullMQ, which has no triggers: the events of the queues are taken into it before it is read,
 * by a script that does so once, and by the scripts that write notes. Its lock is one that runs out.
 */
export class RedisOutbox implements ObservationSource<OutboxEntry> {
  readonly recorder: ObservationRecorder
  readonly #client: Redis
  readonly #parts: RedisOutboxParts
  readonly #collector: Collector
  /** Of each queue where the comparison of its jobs goes on, that first which waits the longest. */
  readonly #comparedTo = new Map<string, string>()
  #open: OpenAttempts | null = null

  private constructor(client: Redis, parts: RedisOutboxParts, sourceId: string) {
    const { serviceName = 'bullmq', tenant } = parts.options
    this.#client = client
    this.#parts = parts
    this.#collector = new Collector(client, parts.keys)
    this.recorder = new ObservationRecorder(parts.database, {
      engine: { name: 'bullmq', sourceId, capabilities: bullmqOnRedisCapabilities },
      serviceName,
      tenant,
    })
  }

  static async begin(client: Redis, parts: RedisOutboxParts): Promise<RedisOutbox> {
    const sourceId = await client.hget(parts.keys.installation, 'sourceId')
    if (sourceId === null) throw notInstalled(parts.keys)
    if (await isAnotherHistory(client, parts.keys)) parts.options.onTrouble?.(...anotherHistoryMessage)
    return new RedisOutbox(client, parts, sourceId)
  }

  /** What is known of attempts under way may have been changed by whoever had the lock before. */
  async hold(): Promise<boolean> {
    const { lock, open } = this.#parts.keys
    const taken = await this.#run(takeLock, [lock], [this.#parts.token, lockMs])
    if (taken === 'others') return false
    if (taken === 'taken' || this.#open === null) {
      const kept = JSON.parse((await this.#client.get(open)) ?? '{}') as Record<string, OpenAttempt>
      this.#open = new Map(Object.entries(kept))
    }
    return true
  }

  /** Whoever has got the lock since then waits in the trail, and sees what was put on record. */
  async confirm(): Promise<void> {
    await this.#run(confirmLock, [this.#parts.keys.lock], [this.#parts.token, lockMs])
  }

  async read(): Promise<readonly OutboxEntry[]> {
    const queues = await this.#collector.collect()
    if (queues.length === 0) throw notInstalled(this.#parts.keys)
    for (const queue of queues) await this.#account(queue)
    await this.#compareSome(queues)
    const entries = await this.#client.xrange(this.#parts.keys.outbox, '-', '+', 'COUNT', sourceBatch)
    return entries.map((entry: StreamEntry) => readEntry(entry))
  }

  observationsOf(entries: readonly OutboxEntry[]): readonly SourcedObservation[] {
    return this.#told(entries).observations
  }

  async remove(entries: readonly OutboxEntry[]): Promise<void> {
    const { open } = this.#told(entries)
    const { lock, outbox, open: openKey } = this.#parts.keys
    const ids = entries.map(({ id }) => id)
    await this.#run(
      removeEntries,
      [lock, outbox, openKey],
      [this.#parts.token, lockMs, written(open), ...ids],
    )
    this.#open = open
  }

  /** An attempt that ended is over, though that is not on record. */
  async refuse(entry: OutboxEntry, reason: string): Promise<string> {
    const { id, queue, jobId, kind } = entry
    const { lock, outbox, open: openKey, refused } = this.#parts.keys
    const open = new Map(this.#open ?? [])
    if (kind === 'left' || kind === 'removed') open.delete(executionOf(entry))
    const given = [this.#parts.token, lockMs, written(open), id, reason]
    await this.#run(refuseEntry, [lock, outbox, openKey, refused], given)
    this.#open = open
    return `the trail refuses what happened to job ${jobId} of queue ${queue} of BullMQ; it is set aside in the stream ${refused}`
  }

  /** Where the connection has broken, the lock runs out. */
  async end(): Promise<void> {
    await this.#collector.stop()
    await Promise.allSettled([this.#run(releaseLock, [this.#parts.keys.lock], [this.#parts.token])])
    this.#client.disconnect()
  }

  /** Compares the jobs of a queue of which something may not have been seen. */
  async #account(queue: string): Promise<void> {
    const observed = this.#observed(queue)
    const lost = await takeLost(observed)
    if (lost > 0) this.#parts.options.onTrouble?.(...lostMessage(queue, lost))
    await compareQueue(observed)
  }

  /** Compares some jobs at each time, so that what nobody tells of is found, such as that a queue was drained. */
  async #compareSome(queues: readonly string[]): Promise<void> {
    for (const queue of queues) if (!this.#comparedTo.has(queue)) this.#comparedTo.set(queue, '0')
    const waiting = [...this.#comparedTo]
    let left = comparedAtATime
    for (const [queue, from] of waiting) {
      if (left <= 0) return
      const { next, compared } = await compareSome(this.#observed(queue), from)
      left -= Math.max(compared, queueCountsAs)
      this.#comparedTo.delete(queue)
      this.#comparedTo.set(queue, next)
    }
  }

  #observed(queue: string): ObservedQueue {
    return { client: this.#client, keys: this.#parts.keys, queue, goesOn: () => this.confirm() }
  }

  async #run(
    script: RedisScript,
    keys: readonly string[],
    values: readonly (string | number)[],
  ): Promise<unknown> {
    return await runScript(this.#client, script, { keys, values })
  }

  #told(entries: readonly OutboxEntry[]): MeaningOfEntries {
    const { serviceName = 'bullmq' } = this.#parts.options
    return meaningOfEntries(entries, this.#open ?? new Map(), { serviceName, installedAt: 0 })
  }
}

/** Nor is it any more when Redis was emptied. */
const notInstalled = ({ installation }: RedisKeys): TrailError =>
  new TrailError(
    'invalid_configuration',
    `the adapter is not installed beside BullMQ: there is no ${installation} in its Redis. Call install first`,
    { details: { key: installation } },
  )

const written = (open: OpenAttempts): string => JSON.stringify(Object.fromEntries(open))

const anotherHistoryMessage: [string, Error] = [
  'the Redis of BullMQ was started again, or a replica was promoted: jobs that it has lost by that stay on record as they were seen, and those that it does again are on record as done again',
  new Error(
    'let Redis write each command to disk (appendfsync always), or wait for its replicas, to lose none',
  ),
]

const lostMessage = (queue: string, lost: number): [string, Error] => [
  `at least ${lost} events of queue ${queue} of BullMQ were trimmed before they were read; what its jobs still tell is on record, and says what is not observable`,
  new Error(
    'let a recorder run all the time, or have BullMQ keep more events (streams.events.maxLen of the Queue)',
  ),
]
