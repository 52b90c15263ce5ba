import { TrailError } from '@steptrail/event'
import type { Database, Query } from '../database/database.ts'
import { grantStatements } from './grant-statements.ts'
import { ownerRole } from './privileges.ts'

const insufficientPrivilege = '42501'

/**
 * Creates the roles and gives the tables to them; see `grantStatements`. Afterwards whoever connects without being
 * their member, or a superuser, is refused. Throws `insufficient_privilege` when the user may not do so.
 */
export async function applyGrants(
  database: Pick<Database, 'name' | 'schema' | 'transaction'>,
): Promise<void> {
  try {
    await database.transaction(async (tx) => {
      await tx('select pg_advisory_xact_lock(hashtextextended($1, 0))', ['steptrail roles'])
      for (const statement of grantStatements(database.schema)) await tx(statement)
    })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === insufficientPrivilege)) throw error
    throw new TrailError(
      'insufficient_privilege',
      `the roles for ${database.name} could not be set up (${error.message}): connect as a superuser, ` +
        'or have one run what `steptrail grants` prints',
      { details: { schema: database.schema }, cause: error },
    )
  }
}

/** Whether the schema's tables have been handed over to their owner, so that new tables have to be, too. */
export async function hasRoles(query: Query, schema: string): Promise<boolean> {
  const { rows } = await query(
    `select from pg_tables where schemaname = $1 and tablename = 'schema_migrations' and tableowner = $2`,
    [schema, ownerRole],
  )
  return rows.length > 0
}
