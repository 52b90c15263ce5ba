import { TrailError } from '@steptrail/event'
import type { Database, Query } from '../database/database.ts'
import { quoteIdentifier } from '../database/identifier.ts'
import type { Migration } from './migration-files.ts'

/** One row of `schema_migrations`. */
export interface AppliedMigration {
  readonly version: number
  readonly name: string
  readonly sha256: string
}

/**
 * The migrations that the database has, in order; null when it has no such table. Throws `insufficient_privilege` when
 * this login may not read it: to such a one all tables of the schema seem not to be there.
 */
export async function readApplied(query: Query, schema: string): Promise<readonly AppliedMigration[] | null> {
  const { rows: found } = await query<{ login: string; may_read: boolean }>(selectLedger, [schema])
  const [ledger] = found
  if (!ledger) return null
  if (!ledger.may_read) throw mayNotRead(schema, ledger.login)
  const { rows } = await query<AppliedMigration>(
    'select version, name, sha256 from schema_migrations order by version',
  )
  return rows
}

const selectLedger = `
select current_user::text as login,
       has_schema_privilege(namespace.oid, 'usage') and has_table_privilege(ledger.oid, 'select') as may_read
from pg_class as ledger
join pg_namespace as namespace on namespace.oid = ledger.relnamespace
where namespace.nspname = $1
  and ledger.relname = 'schema_migrations'
  and ledger.relkind = 'r'`

const mayNotRead = (schema: string, login: string): TrailError =>
  new TrailError(
    'insufficient_privilege',
    `${login} may not read the schema ${schema}: make the login a member of the role for what it is to do, such as steptrail_writer (\`steptrail migrate --roles\` makes them)`,
    { details: { schema, login } },
  )

/** Creates the schema and its list of migrations, unless they are there. */
export async function createLedger(tx: Query, schema: string): Promise<void> {
  if ((await readApplied(tx, schema)) !== null) return
  const name = quoteIdentifier(schema)
  const { rows: found } = await tx('select from pg_namespace where nspname = $1', [schema])
  if (found.length === 0) await tx(`create schema ${name}`)
  await tx(`
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

/**
 * Compares what the database has with what the program knows. Throws `schema_newer` when the database has more,
 * `schema_edited` when a file is not what was applied. Returns what is still to be applied.
 */
export function pendingMigrations(
  database: Pick<Database, 'name' | 'schema'>,
  known: readonly Migration[],
  applied: readonly AppliedMigration[],
): readonly Migration[] {
  const newest = known.length
  const newer = applied.find(({ version }) => version > newest)
  if (newer) throw schemaNewer(database, newer, newest)
  for (const migration of applied) {
    const file = known[migration.version - 1]
    if (file && file.sha256 !== migration.sha256) throw schemaEdited(database, file, migration)
  }
  const done = new Set(applied.map(({ version }) => version))
  return known.filter(({ version }) => !done.has(version))
}

const schemaNewer = (
  database: Pick<Database, 'name' | 'schema'>,
  newer: AppliedMigration,
  newest: number,
): TrailError =>
  new TrailError(
    'schema_newer',
    `schema ${database.schema} of ${database.name} has migration ${newer.name}, this program knows ${newest}: ` +
      'use the version of Steptrail that migrated it, or a later one',
    { details: { schema: database.schema, migration: newer.name, known: newest } },
  )

const schemaEdited = (
  database: Pick<Database, 'name' | 'schema'>,
  file: Migration,
  applied: AppliedMigration,
): TrailError =>
  new TrailError(
    'schema_edited',
    `migration ${file.name} was applied to schema ${database.schema} of ${database.name} with SHA-256 ${applied.sha256}, ` +
      `but the file has ${file.sha256}: restore the released file, and make changes in a new migration`,
    {
      details: { schema: database.schema, migration: file.name, applied: applied.sha256, file: file.sha256 },
    },
  )
