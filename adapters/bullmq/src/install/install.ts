import { isOnRedis } from '../redis/redis-keys.ts'
import { installOnPostgres } from './install-on-postgres.ts'
import { installOnRedis } from './install-on-redis.ts'
import type { Installation, InstallOptions } from './installation.ts'

/**
 * Installs the adapter beside BullMQ. On PostgreSQL that is a schema with an outbox, and triggers on the jobs of BullMQ,
 * which write into it in BullMQ's own transactions; it is called by a role that may make schemas and triggers there, and
 * BullMQ waits meanwhile. On Redis it is an outbox, and from where on the events of the queues are read. What is observed
 * for the first time is so with what BullMQ still knows of what happened before, with nothing twice and nothing left out
 * between. May be called any number of times, on Redis with more queues.
 *
 * @throws TrailError `invalid_configuration` when BullMQ has not made its tables there yet, when no queues are named for
 *   Redis, and for a Redis before 7.0; `schema_newer` when a newer version of the adapter is installed
 */
export async function install(options: InstallOptions): Promise<Installation> {
  return isOnRedis(options) ? await installOnRedis(options) : await installOnPostgres(options)
}
