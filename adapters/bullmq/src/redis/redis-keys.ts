import { TrailError } from '@steptrail/event'
import type { BullmqPlace } from '../install/place.ts'

/** Whether BullMQ is on its Redis backend there. */
export const isOnRedis = ({ url }: Pick<BullmqPlace, 'url'>): boolean => /^rediss?:/.test(url)

/** What the adapter keeps in Redis. None of its keys begins as those of a queue of BullMQ do, which tidies up among these. */
export interface RedisKeys {
  /** Of BullMQ. */
  readonly prefix: string
  readonly installation: string
  /** The queues that are observed. */
  readonly queues: string
  /** What happened and is not on record in the trail yet. */
  readonly outbox: string
  /** What is known of attempts under way, by what was taken from the outbox last. */
  readonly open: string
  /** What the trail has refused to put on record, and why. */
  readonly refused: string
  /** Held by the recorder that works. */
  readonly lock: string
}

/** The keys of a place. */
export function redisKeys({ prefix = 'bull', schema }: BullmqPlace): RedisKeys {
  if (schema !== undefined || prefix === '')
    throw new TrailError(
      'invalid_configuration',
      'on Redis, queues have a prefix and no schema: give the prefix that they are made with, or leave both out',
      { details: { prefix } },
    )
  const ours = `steptrail:${prefix}`
  return {
    prefix,
    installation: `${ours}:installation`,
    queues: `${ours}:queues`,
    outbox: `${ours}:outbox`,
    open: `${ours}:open`,
    refused: `${ours}:refused`,
    lock: `${ours}:lock`,
  }
}

/** How far the events of a queue were read, and whether some of them were not. */
export const stateKey = ({ prefix }: RedisKeys, queue: string): string => `steptrail:${prefix}:state:${queue}`

/** What is known of the jobs of a queue. */
export const jobsKey = ({ prefix }: RedisKeys, queue: string): string => `steptrail:${prefix}:jobs:${queue}`

/** What the keys of BullMQ for a queue begin with. */
export const baseOf = ({ prefix }: RedisKeys, queue: string): string => `${prefix}:${queue}:`

/** What scripts are given that collect the events of a queue. */
export function collecting(
  keys: RedisKeys,
  queue: string,
): { readonly keys: readonly string[]; readonly values: readonly string[] } {
  const base = baseOf(keys, queue)
  return {
    keys: [stateKey(keys, queue), jobsKey(keys, queue), keys.outbox, `${base}events`],
    values: [base, queue, keys.prefix],
  }
}
