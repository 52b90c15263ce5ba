import { randomUUID } from 'node:crypto'
import { connectingTo, type Database, type ObservationSource, SourceRecorder } from '@steptrail/core'
import { carefully } from '@steptrail/event'
import pg from 'pg'
import { schemasOf } from '../install/place.ts'
import { connectOnce } from '../redis/connection.ts'
import { isOnRedis, redisKeys } from '../redis/redis-keys.ts'
import type { BullmqRecorderOptions } from './bullmq-recorder-options.ts'
import type { OutboxEntry } from './outbox.ts'
import { PostgresOutbox } from './postgres-outbox.ts'
import { RedisOutbox } from './redis-outbox.ts'

/** Unless given: a server that is alive answers sooner. */
const answerWithinMs = 30_000

/** Of the time: a job takes BullMQ little, and putting it on record about as much. */
const defaultShare = 0.1

/**
 * Takes what happened out of the outbox beside BullMQ and puts it on record in the trail, until it is closed. Any number of
 * processes may run one: a lock beside BullMQ lets one of them work at a time, and what is taken twice is on record
 * once. What the trail refuses is set aside, with the reason, and holds up nothing. `recordAll` throws a TrailError
 * `invalid_configuration` when the adapter is not installed there.
 *
 * `created → running → closed`
 */
export class BullmqRecorder extends SourceRecorder<OutboxEntry> {
  constructor(database: Database, options: BullmqRecorderOptions) {
    super(
      database,
      { engine: 'BullMQ', open: isOnRedis(options) ? onRedis(options) : onPostgres(options) },
      { ...options, share: options.share ?? defaultShare },
    )
  }
}

type Open = (database: Database) => Promise<ObservationSource<OutboxEntry>>

function onPostgres(options: BullmqRecorderOptions): Open {
  const schemas = schemasOf(options)
  const connecting = connectingTo(options, options.answerWithinMs ?? answerWithinMs)
  return async (database) => {
    const client = new pg.Client(connecting.config)
    // A session that breaks shows in the statement that needs it.
    client.on('error', () => undefined)
    await client.connect()
    try {
      return await PostgresOutbox.begin(client, { schemas, database, options, connecting })
    } catch (error) {
      await connecting.end(client.end())
      throw error
    }
  }
}

function onRedis(given: BullmqRecorderOptions): Open {
  const options = { ...given, onTrouble: given.onTrouble && carefully(given.onTrouble) }
  const keys = redisKeys(options)
  const token = randomUUID()
  return async (database) => {
    const client = await connectOnce(options.url, options.answerWithinMs ?? answerWithinMs)
    try {
      return await RedisOutbox.begin(client, { keys, database, options, token })
    } catch (error) {
      client.disconnect()
      throw error
    }
  }
}
