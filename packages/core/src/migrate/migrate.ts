import { TrailError } from '@steptrail/event'
import { withSession } from '../database/client-session.ts'
import type { ClientSession } from '../database/client-session.ts'
import { searchPathOf } from '../database/connection-settings.ts'
import type { Database, Query } from '../database/database.ts'
import { quoteIdentifier } from '../database/identifier.ts'
import { pendingMigrations, readApplied } from './applied-migrations.ts'
import { readMigrations } from './migration-files.ts'
import type { Migration } from './migration-files.ts'

/** How far to migrate, and whom to tell. */
export interface MigrateOptions {
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
 * wait. Throws `schema_newer`, `schema_edited`, or what the database says; migrations before the one that failed
 * stay applied.
 */
export async function migrate(database: Database, options: MigrateOptions = {}): Promise<MigrateResult> {
  const known = await readMigrations()
  const to = options.to ?? known.length
  if (!Number.isInteger(to) || to < 1 || to > known.length) throw unknownMigration(to, known.length)
  return withSession(database, (session) =>
    underLock(session, database.schema, () => applyPending(session, database, { ...options, known, to })),
  )
}

/**
 * An advisory lock of the session: whoever waits for it finds nothing left to do. It ends with the session, so
 * when the connection is lost the failure to unlock says nothing that the failure of the work did not.
 */
async function underLock<T>(session: ClientSession, schema: string, work: () => Promise<T>): Promise<T> {
  const key = `steptrail migrations of ${schema}`
  await session.query('select pg_advisory_lock(hashtextextended($1, 0))', [key])
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
  { known, to, onProgress }: ApplyOptions,
): Promise<MigrateResult> {
  await session.transaction((tx) => createLedger(tx, database.schema))
  const before = (await readApplied(session.query, database.schema)) ?? []
  const pending = pendingMigrations(database, known, before).filter(({ version }) => version <= to)
  for (const migration of pending) {
    await session.transaction((tx) => applyOne(tx, database.schema, migration))
    onProgress?.(migration.name)
  }
  const version = Math.max(
    ...before.map((migration) => migration.version),
    ...pending.map((each) => each.version),
  )
  return { applied: pending.map(({ name }) => name), version }
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

async function createLedger(tx: Query, schema: string): Promise<void> {
  if ((await readApplied(tx, schema)) !== null) return
  const name = quoteIdentifier(schema)
  await tx(`
    create schema if not exists ${name};
    create table ${name}.schema_migrations (
      version int not null,
      name text not null,
      sha256 text not null,
      applied_at timestamptz not null default clock_timestamp(),
      constraint a_migration_is_applied_once primary key (version),
      constraint sha256_is_64_hexadecimal_digits check (sha256 ~ '^[0-9a-f]{64}$')
    );
    comment on table ${name}.schema_migrations is 'The migrations that were applied to this schema.';
    comment on column ${name}.schema_migrations.version is 'Number of the migration.';
    comment on column ${name}.schema_migrations.name is 'Name of its file.';
    comment on column ${name}.schema_migrations.sha256 is 'SHA-256 of its text, as applied.';
    comment on column ${name}.schema_migrations.applied_at is 'When it was applied.'
  `)
}

const unknownMigration = (to: number, newest: number): TrailError =>
  new TrailError('invalid_configuration', `there is no migration ${to}: give a number from 1 to ${newest}`, {
    details: { option: 'to', value: to },
  })
