import { TrailError } from '@steptrail/event'
import type { Database } from '../database/database.ts'
import { acquireWorkLock } from '../database/embedded-lock.ts'

const running = new WeakSet<Database['pool']>()

/**
 * Does the work while no other run of retention is under way on the database, in this process or another. The lock goes
 * with the process that holds it.
 *
 * @throws TrailError `retention_running`
 */
export async function withRetentionLock<T>(database: Database, work: () => Promise<T>): Promise<T> {
  const { dataDir } = database
  return await (dataDir === null ? lockedInside(database, work) : lockedBeside(database, dataDir, work))
}

/** Of an embedded database, which has one connection, that is needed for the work: by a lock in its directory. */
async function lockedBeside<T>(database: Database, dataDir: string, work: () => Promise<T>): Promise<T> {
  const lock = await acquireWorkLock(dataDir, 'retention')
  if (!lock) throw isRunning(database)
  try {
    return await work()
  } finally {
    await lock.release()
  }
}

async function lockedInside<T>(database: Database, work: () => Promise<T>): Promise<T> {
  if (running.has(database.pool)) throw isRunning(database)
  running.add(database.pool)
  try {
    // One in memory belongs to this process.
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
