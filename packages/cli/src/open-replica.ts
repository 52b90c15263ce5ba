import { type Database, openDatabase } from '@steptrail/core'
import { closeTimeoutMs } from './closing-in-time.ts'
import type { Environment } from './terminal/terminal.ts'

/** The replica of a database on a server that `DATABASE_REPLICA_URL` names, if it names one. It may be away. */
export async function openReplica(database: Database, env: Environment): Promise<Database | undefined> {
  const url = env['DATABASE_REPLICA_URL'] || undefined
  if (url === undefined || database.kind === 'embedded') return undefined
  return await openDatabase({
    url,
    schema: database.schema,
    program: 'reading the replica',
    mayBeAway: true,
    closeTimeoutMs,
  })
}
