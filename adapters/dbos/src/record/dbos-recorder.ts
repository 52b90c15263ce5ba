import { connectingTo, type Database, SourceRecorder } from '@steptrail/core'
import pg from 'pg'
import { schemasOf } from '../install/place.ts'
import type { DbosRecorderOptions } from './dbos-recorder-options.ts'
import type { OutboxRow } from './outbox.ts'
import { OutboxSession } from './outbox-session.ts'

/**
 * Takes what happened out of the outbox beside DBOS and puts it on record in the trail, until it is closed. Any number of
 * processes may run one: a lock in DBOS's database lets one of them work at a time, and what is taken twice is on record
 * once. What the trail refuses is set aside, with the reason, and holds up nothing. `recordAll` throws a TrailError
 * `invalid_configuration` when the adapter is not installed there.
 *
 * `created → running → closed`
 */
export class DbosRecorder extends SourceRecorder<OutboxRow> {
  constructor(database: Database, options: DbosRecorderOptions) {
    const schemas = schemasOf(options)
    const connecting = connectingTo(options, options.answerWithinMs ?? 30_000)
    super(
      database,
      {
        engine: 'DBOS',
        open: async (trail) => {
          const client = new pg.Client(connecting.config)
          // A session that breaks shows in the statement that needs it.
          client.on('error', () => undefined)
          await client.connect()
          try {
            return await OutboxSession.begin(client, { schemas, database: trail, options, connecting })
          } catch (error) {
            await connecting.end(client.end())
            throw error
          }
        },
      },
      options,
    )
  }
}
