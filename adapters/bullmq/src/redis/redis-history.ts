import type { Redis } from 'ioredis'
import type { RedisKeys } from './redis-keys.ts'

/**
 * Whether Redis has begun another history since that was last asked: it was started again, or a replica was promoted. What
 * it had not written to disk, or sent to that replica, is lost then. Where it does not tell, it has not.
 */
export async function isAnotherHistory(client: Redis, { installation }: RedisKeys): Promise<boolean> {
  const history = /^master_replid:(\S+)/m.exec(await client.info('replication'))?.[1]
  if (history === undefined) return false
  const before = await client.hget(installation, 'history')
  if (before !== history) await client.hset(installation, 'history', history)
  return before !== null && before !== history
}
