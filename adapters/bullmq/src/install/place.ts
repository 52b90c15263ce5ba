import { TrailError } from '@steptrail/event'
import pg from 'pg'

/** Where BullMQ keeps its tables. */
export interface BullmqPlace {
  /** The URL of the database of BullMQ's PostgreSQL backend. */
  readonly url: string
  /** The schema of its tables; `bullmq` unless given, as for BullMQ itself. */
  readonly schema?: string | undefined
}

/** The schemas, quoted for SQL. */
export interface BullmqSchemas {
  /** Of BullMQ. */
  readonly theirs: string
  /** Of what the adapter keeps beside it. */
  readonly ours: string
}

/** The schemas of a place: the adapter's has the name of BullMQ's, and `_steptrail`. */
export function schemasOf({ schema = 'bullmq' }: Pick<BullmqPlace, 'schema'>): BullmqSchemas {
  if (schema === '' || schema.length > 40)
    throw new TrailError(
      'invalid_configuration',
      `${JSON.stringify(schema)} is no schema of BullMQ: give its name, of 1 to 40 characters`,
      { details: { schema } },
    )
  return { theirs: pg.escapeIdentifier(schema), ours: pg.escapeIdentifier(`${schema}_steptrail`) }
}
