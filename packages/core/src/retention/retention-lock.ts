import { TrailError } from '@steptrail/event'
import type { Database } from '../database/database.ts'

const running = new WeakSet<Database['pool']>()

/**
 * Does the work while no other run of retention is under way on the database, in this process or another. The lock goes
 * with the process that holds it.
 *
 * @throws TrailError `retention_running`
 */
export async function withRetentionLock<T>(database: Database, work: () => Promise<T>): Promise<T> {
  if (running.has(database.pool)) throw isRunning(database)
  running.add(database.pool)
  try {
    // The embedded database belongs to this process, and its one connection is needed for the work.
    if (database.kind === 'embedded') return await work()
    return await database.transaction(async (tx) => {
      await tx(outlastLimits)
      const { rows } = await tx<{ locked: boolean }>(
        `select pg_try_advisory_xact_lock(hashtextextended('steptrail retention ' || current_schema(), 0)) as locked`,
      )
      if (!rows[0]?.locked) throw isRunning(database)
      return await work()
    })
  } finally {
    running.delete(database.pool)
  }
}

/** The lock is held by a transaction that does nothing for as long as the run takes, on purpose. */
const outlastLimits = `
select set_config(name, '0', true)
from pg_settings
where name in ('idle_in_transaction_session_timeout', 'transaction_timeout')`

const isRunning = ({ name }: Database): TrailError =>
  new TrailError(
    'retention_running',
    `a run of retention is under way on ${name}: wait for its end, which \`steptrail retention runs\` shows`,
    { details: { database: name } },
  )
