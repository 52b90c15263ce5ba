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

const suffix = '_steptrail'
/** PostgreSQL cuts names at 63 bytes: a longer one might be that of DBOS itself. */
const longestBytes = 63 - suffix.length

/** The schemas of a place: the adapter's has the name of DBOS's, and `_steptrail`. */
export function schemasOf({ schema = 'dbos' }: Pick<DbosPlace, 'schema'>): DbosSchemas {
  const bytes = Buffer.byteLength(schema)
  if (bytes === 0 || bytes > longestBytes)
    throw new TrailError(
      'invalid_configuration',
      `${JSON.stringify(schema)} is no name for the schema of DBOS, with its ${bytes} bytes: give one of 1 to ${longestBytes}, so that PostgreSQL does not cut that of the adapter, which has ${suffix} more`,
      { details: { schema, bytes } },
    )
  return { theirs: pg.escapeIdentifier(schema), ours: pg.escapeIdentifier(`${schema}${suffix}`) }
}
