import { migrate, openDatabase, type Database } from '@steptrail/core'
import { lookAtPristine, makePristine, type Connection, type Pristine } from './pristine-database.ts'

/**
 * The embedded databases of this process that no test has at present. To start one takes more than a second, to migrate
 * one anew half of that, to empty one a tenth of it, so they go from test to test.
 */
const idle: PooledDatabase[] = []

interface PooledDatabase {
  readonly database: Database
  /** What the session was set to when it was opened, as text to compare. */
  readonly settings: string
  readonly pristine: Pristine
}

/** A migrated, empty embedded database in memory, and what to call when the test has ended. */
export async function borrowEmbedded(): Promise<{ database: Database; giveBack: () => Promise<void> }> {
  const pooled = idle.pop() ?? (await start())
  return { database: pooled.database, giveBack: async () => giveBack(pooled) }
}

async function start(): Promise<PooledDatabase> {
  const database = await openDatabase({ dataDir: 'memory://' })
  const pristine = await migrated(database)
  // Migrating sets some of them, to what they were.
  return { database, settings: await sessionSettings(database), pristine }
}

async function migrated(database: Database): Promise<Pristine> {
  await migrate(database)
  return onConnection(database, async (connection) => lookAtPristine(connection, 'embedded'))
}

/** A database that the test closed, still uses, or whose session it set otherwise, is not for another test. */
async function giveBack(pooled: PooledDatabase): Promise<void> {
  const { database, settings, pristine } = pooled
  if (database.pool.ended) return
  const isFree = database.pool.idleCount === database.pool.totalCount
  if (!isFree || (await sessionSettings(database)) !== settings) return database.close()
  await database.query('discard temp')
  await database.query('select pg_advisory_unlock_all()')
  const again = await onConnection(database, async (connection) => makePristine(connection, pristine))
  idle.push({ ...pooled, pristine: again ?? (await makeAnew(database)) })
}

async function makeAnew(database: Database): Promise<Pristine> {
  await empty(database)
  return migrated(database)
}

async function onConnection<T>(database: Database, work: (connection: Connection) => Promise<T>): Promise<T> {
  const client = await database.pool.connect()
  try {
    return await work(client)
  } finally {
    client.release()
  }
}

async function sessionSettings(database: Database): Promise<string> {
  const { rows } = await database.query(
    `select name, setting from pg_settings where source = 'session' order by name`,
  )
  return JSON.stringify(rows)
}

/** Removes all that a test can have defined: schemas and roles. */
async function empty(database: Database): Promise<void> {
  await runEach(
    database,
    `select format('drop schema %I cascade', nspname) as statement from pg_namespace
           where nspname !~ '^pg_' and nspname <> 'information_schema'`,
  )
  await database.query('create schema public authorization pg_database_owner')
  await database.query('grant usage on schema public to public')
  await runEach(
    database,
    `select format('drop owned by %I', rolname) as statement from pg_roles
           where rolname !~ '^pg_' and rolname <> current_user
           union all
           select format('drop role %I', rolname) from pg_roles
           where rolname !~ '^pg_' and rolname <> current_user`,
  )
}

/** Runs each statement that the query `find` gives. */
async function runEach(database: Database, find: string): Promise<void> {
  const { rows } = await database.query<{ statement: string }>(find)
  for (const { statement } of rows) await database.query(statement)
}
