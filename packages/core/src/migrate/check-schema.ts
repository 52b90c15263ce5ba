import { TrailError } from '@steptrail/event'
import type { Database } from '../database/database.ts'
import { pendingMigrations, readApplied } from './applied-migrations.ts'
import { findMisplacedFunctions, type MisplacedFunctions } from './function-paths.ts'
import { readMigrations } from './migration-files.ts'

/**
 * Makes sure that the database has exactly the schema that this program knows. Throws `schema_missing`,
 * `schema_outdated`, `schema_newer` or `schema_edited`, each of which says what to do.
 */
export async function checkSchema(database: Database): Promise<void> {
  const known = await readMigrations()
  const applied = await readApplied(database.query, database.schema)
  if (applied === null || applied.length === 0) throw schemaMissing(database)
  const pending = pendingMigrations(database, known, applied)
  if (pending[0]) throw schemaOutdated(database, pending[0].name, pending.length)
  const misplaced = await findMisplacedFunctions(database.query, database.schema)
  if (misplaced) throw schemaRenamed(database, misplaced)
}

const schemaMissing = ({ schema, name }: Database): TrailError =>
  new TrailError(
    'schema_missing',
    `${name} has no Steptrail schema ${schema} yet: run \`steptrail migrate\``,
    {
      details: { schema },
    },
  )

const schemaOutdated = ({ schema, name }: Database, first: string, count: number): TrailError =>
  new TrailError(
    'schema_outdated',
    `schema ${schema} of ${name} lacks ${count === 1 ? first : `${count} migrations, from ${first} on`}: run \`steptrail migrate\``,
    { details: { schema, first, count } },
  )

const schemaRenamed = ({ schema, name }: Database, { path, signatures }: MisplacedFunctions): TrailError =>
  new TrailError(
    'schema_outdated',
    `schema ${schema} of ${name} was renamed, and its functions still look for its tables in ${path}: run \`steptrail migrate\``,
    { details: { schema, path, functions: signatures.length } },
  )
