import { TrailError } from '@steptrail/event'
import { withSession } from '../database/client-session.ts'
import type { ClientSession } from '../database/client-session.ts'
import { searchPathOf } from '../database/connection-settings.ts'
import type { Database, Query } from '../database/database.ts'
import { ensureMonthsAhead } from '../partition/ensure-partitions.ts'
import { applyGrants, hasRoles } from '../roles/apply-grants.ts'
import { createLedger, pendingMigrations, readApplied } from './applied-migrations.ts'
import { placeFunctions } from './function-paths.ts'
import { readMigrations } from './migration-files.ts'
import type { Migration } from './migration-files.ts'

/** How far to migrate, and whom to tell. */
export interface MigrateOptions {
  /**
   * Create the roles and hand the tables over to them (`applyGrants`). A schema that has been handed over gets this
   * without asking, so that new tables do not stay behind.
   */
  readonly roles?: boolean | undefined
  /** The last migration to apply; every one the program knows unless given. */
  readonly to?: number | undefined
  /** Called after each migration has been committed. */
  readonly onProgress?: ((name: string) => void) | undefined
}

/** What a call did. */
export interface MigrateResult {
  /** Names of the migrations that this call applied. */
  readonly applied: readonly string[]
  /** Number of the last migration that the database has now. */
  readonly version: number
}

/**
 * Brings the schema up to date, creating it when there is none. Each file runs in a transaction of its own and is
 * recorded in `schema_migrations` with its SHA-256; of programs that start at once one applies them and the others
 * wait. Where the schema was renamed, its functions look into it again. Throws `schema_newer`, `schema_edited`, or what the database says; migrations before the one that failed
 * stay applied.
 */
export async function migrate(database: Database, options: MigrateOptions = {}): Promise<MigrateResult> {
  const known = await readMigrations()
  const to = options.to ?? known.length
  if (!Number.isInteger(to) || to < 1 || to > known.length) throw unknownMigration(to, known.length)
  if (options.roles && to < known.length) throw rolesBeforeTables(to)
  return withSession(database, (session) =>
    withoutLimits(session, () =>
      underLock(session, database.schema, () => applyPending(session, database, { ...options, known, to })),
    ),
  )
}

/**
 * Neither waiting for another that migrates nor a migration takes too long, whatever a database or a login sets for its
 * statements. For tables in use it waits as long as they let it.
 */
async function withoutLimits<T>(session: ClientSession, work: () => Promise<T>): Promise<T> {
  await session.query(`select set_config(name, '0', false) from ${limits}`)
  try {
    return await work()
  } finally {
    // Of a session that is lost there is nothing to set.
    await Promise.allSettled([session.query(`select set_config(name, reset_val, false) from ${limits}`)])
  }
}

const limits = `pg_settings where name in ('statement_timeout', 'transaction_timeout')`

/**
 * An advisory lock of the session: whoever waits for it finds nothing left to do. It ends with the session, so
 * when the connection is lost the failure to unlock says nothing that the failure of the work did not.
 */
async function underLock<T>(session: ClientSession, schema: string, work: () => Promise<T>): Promise<T> {
  const key = `steptrail migrations of ${schema}`
  await session.transaction(async (tx) => {
    await tx('set local lock_timeout = 0')
    await tx('select pg_advisory_lock(hashtextextended($1, 0))', [key])
  })
  const [outcome] = await Promise.allSettled([work()])
  const unlocked = session.query('select pg_advisory_unlock(hashtextextended($1, 0))', [key])
  if (outcome.status === 'rejected') {
    await Promise.allSettled([unlocked])
    throw outcome.reason
  }
  await unlocked
  return outcome.value
}

interface ApplyOptions extends MigrateOptions {
  readonly known: readonly Migration[]
  readonly to: number
}

async function applyPending(
  session: ClientSession,
  database: Database,
  { known, to, roles, onProgress }: ApplyOptions,
): Promise<MigrateResult> {
  const { schema, name } = database
  await session.transaction((tx) => createLedger(tx, schema))
  const before = (await readApplied(session.query, schema)) ?? []
  const pending = pendingMigrations(database, known, before).filter(({ version }) => version <= to)
  await session.transaction((tx) => placeFunctions(tx, schema))
  for (const migration of pending) {
    await session.transaction((tx) => applyOne(tx, schema, migration))
    onProgress?.(migration.name)
  }
  const version = Math.max(0, ...[...before, ...pending].map((each) => each.version))
  if (version === known.length) await finish(session, { name, schema, roles })
  return { applied: pending.map((migration) => migration.name), version }
}

/** What is not done once for all: the months ahead, and the privileges on tables that are new. */
async function finish(
  session: ClientSession,
  { name, schema, roles }: Pick<Database, 'name' | 'schema'> & Pick<MigrateOptions, 'roles'>,
): Promise<void> {
  await session.transaction((tx) => ensureMonthsAhead(tx))
  if (!roles && !(await hasRoles(session.query, schema))) return
  await applyGrants({ name, schema, transaction: (work) => session.transaction(work) })
}

async function applyOne(tx: Query, schema: string, migration: Migration): Promise<void> {
  await tx(`set local search_path to ${searchPathOf(schema)}`)
  await tx(migration.sql)
  await tx('insert into schema_migrations (version, name, sha256) values ($1, $2, $3)', [
    migration.version,
    migration.name,
    migration.sha256,
  ])
}

const unknownMigration = (to: number, newest: number): TrailError =>
  new TrailError('invalid_configuration', `there is no migration ${to}: give a number from 1 to ${newest}`, {
    details: { option: 'to', value: to },
  })

const rolesBeforeTables = (to: number): TrailError =>
  new TrailError(
    'invalid_configuration',
    `roles are given privileges on every table, so they cannot be set up at migration ${to}: leave one of the two out`,
    { details: { option: 'roles', to } },
  )
