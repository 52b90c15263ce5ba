import { TrailError } from '@steptrail/event'
import pg from 'pg'

/** Where DBOS keeps its tables. */
export interface DbosPlace {
  /** The URL of DBOS's system database. */
  readonly url: string
  /** The schema of its tables; `dbos` unless given, as for DBOS itself. */
  readonly schema?: string | undefined
}

/** The schemas, quoted for SQL. */
export interface DbosSchemas {
  /** Of DBOS. */
  readonly theirs: string
  /** Of what the adapter keeps beside it. */
  readonly ours: string
}

/** The schemas of a place: the adapter's has the name of DBOS's, and `_steptrail`. */
export function schemasOf({ schema = 'dbos' }: Pick<DbosPlace, 'schema'>): DbosSchemas {
  if (schema === '' || schema.length > 40)
    throw new TrailError(
      'invalid_configuration',
      `${JSON.stringify(schema)} is no schema of DBOS: give its name, of 1 to 40 characters`,
      { details: { schema } },
    )
  return { theirs: pg.escapeIdentifier(schema), ours: pg.escapeIdentifier(`${schema}_steptrail`) }
}
