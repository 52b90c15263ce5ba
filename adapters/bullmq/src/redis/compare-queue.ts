import type { Redis } from 'ioredis'
import { baseOf, collecting, jobsKey, type RedisKeys, stateKey } from './redis-keys.ts'
import { compareJobs, runScript } from './scripts.ts'

/** Jobs that are compared at once, while Redis does nothing else. */
const comparedAtOnce = 200

/** A queue, and where it is. */
export interface ObservedQueue {
  readonly client: Redis
  readonly keys: RedisKeys
  readonly queue: string
  /** Awaited between two parts of what takes long. */
  readonly goesOn: () => Promise<void>
}

/** How many events of a queue were trimmed before they were read, since that was last told; at least. */
export async function takeLost({ client, keys, queue }: ObservedQueue): Promise<number> {
  const state = stateKey(keys, queue)
  const [lost, told] = await client.hmget(state, 'lost', 'lostTold')
  const more = Number(lost ?? 0) - Number(told ?? 0)
  if (more > 0) await client.hset(state, 'lostTold', lost ?? 0)
  return more
}

/**
 * Compares all jobs of a queue with what is known of them, where something may not have been seen since that was last
 * done, and so accounts for it. Gives whether it had to.
 */
export async function compareQueue(observed: ObservedQueue): Promise<boolean> {
  const { client, keys, queue } = observed
  const key = stateKey(keys, queue)
  const [found, compared, lost] = await client.hmget(key, 'unsure', 'compared', 'lost')
  const unsure = found ?? '0'
  if (unsure === (compared ?? '0')) return false
  for (const state of ['completed', 'failed', 'delayed', 'prioritized', 'waiting-children'])
    await compareSorted(observed, `${baseOf(keys, queue)}${state}`)
  for (const state of ['wait', 'paused', 'active'])
    await compareListed(observed, `${baseOf(keys, queue)}${state}`)
  await compareKnown(observed)
  await client.hset(key, 'compared', unsure, 'accounted', lost ?? 0)
  return true
}

/** How far a comparison of the jobs that are known has got. */
export interface Progress {
  /** Where to go on: at the beginning when it is `0`. */
  readonly next: string
  readonly compared: number
}

/** Compares some 200 of the jobs that are known. */
export async function compareSome(observed: ObservedQueue, from: string): Promise<Progress> {
  const { client, keys, queue } = observed
  const [next, found] = await client.hscan(jobsKey(keys, queue), from, 'COUNT', comparedAtOnce)
  const ids = everyOther(found)
  if (ids.length > 0) await compare(observed, ids)
  return { next, compared: ids.length }
}

async function compareKnown(observed: ObservedQueue): Promise<void> {
  let from = '0'
  do from = (await compareSome(observed, from)).next
  while (from !== '0')
}

async function compareSorted(observed: ObservedQueue, key: string): Promise<void> {
  let cursor = '0'
  do {
    const [next, found] = await observed.client.zscan(key, cursor, 'COUNT', comparedAtOnce)
    await compare(observed, everyOther(found))
    cursor = next
  } while (cursor !== '0')
}

/** A job that is moved meanwhile is told of by the event of that. */
async function compareListed(observed: ObservedQueue, key: string): Promise<void> {
  for (let from = 0; ; from += comparedAtOnce) {
    const ids = await observed.client.lrange(key, from, from + comparedAtOnce - 1)
    await compare(observed, ids)
    if (ids.length < comparedAtOnce) return
  }
}

async function compare(
  { client, keys, queue, goesOn }: ObservedQueue,
  ids: readonly string[],
): Promise<void> {
  const given = collecting(keys, queue)
  for (let from = 0; from < ids.length; from += comparedAtOnce) {
    await runScript(client, compareJobs, {
      keys: given.keys,
      values: [...given.values, ...ids.slice(from, from + comparedAtOnce)],
    })
    await goesOn()
  }
}

/** Redis gives members with their scores, and fields with their values. */
const everyOther = (found: readonly string[]): readonly string[] =>
  found.filter((_, index) => index % 2 === 0)
