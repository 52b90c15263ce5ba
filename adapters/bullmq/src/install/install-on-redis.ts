import { randomUUID } from 'node:crypto'
import { TrailError } from '@steptrail/event'
import type { Redis } from 'ioredis'
import { compareQueue } from '../redis/compare-queue.ts'
import { connectOnce } from '../redis/connection.ts'
import { baseOf, redisKeys, stateKey } from '../redis/redis-keys.ts'
import { observeQueue, runScript } from '../redis/scripts.ts'
import type { Installation, InstallOptions } from './installation.ts'
import { requireNoNewer } from './require-version.ts'

/** Raised with every change of what the adapter keeps in Redis. */
const installedVersion = 1

/** Observes queues from now on, and puts into the outbox what BullMQ still knows of what happened before. */
export async function installOnRedis(options: InstallOptions): Promise<Installation> {
  const keys = redisKeys(options)
  const queues = options.queues ?? []
  if (queues.length === 0)
    throw new TrailError(
      'invalid_configuration',
      'no queues are named: on Redis, give the names of those to observe, as in queues: ["orders"]',
    )
  const client = await connectOnce(options.url)
  try {
    await requireVersion(client)
    const made = await client.hsetnx(keys.installation, 'sourceId', randomUUID())
    const version = Number((await client.hget(keys.installation, 'version')) ?? installedVersion)
    requireNoNewer({ where: keys.installation, version, installedVersion })
    await client.hset(keys.installation, 'version', installedVersion)
    for (const queue of queues) {
      await runScript(client, observeQueue, {
        keys: [stateKey(keys, queue), `${baseOf(keys, queue)}events`],
        values: [],
      })
      await client.sadd(keys.queues, queue)
      await compareQueue({ client, keys, queue, goesOn: () => Promise.resolve() })
    }
    return { sourceId: (await client.hget(keys.installation, 'sourceId')) ?? '', isNew: made === 1 }
  } finally {
    client.disconnect()
  }
}

/** Before Redis 7, a stream does not tell how much of it was trimmed. */
async function requireVersion(client: Redis): Promise<void> {
  const version = /^redis_version:(\S+)/m.exec(await client.info('server'))?.[1] ?? 'unknown'
  if (Number.parseInt(version, 10) >= 7) return
  throw new TrailError(
    'invalid_configuration',
    `the Redis of BullMQ is of version ${version}: the adapter needs 7.0 or later, which tells how much of a stream was trimmed`,
    { details: { version } },
  )
}
