import { TrailError } from '@steptrail/event'
import pg from 'pg'

/** Where BullMQ keeps its jobs. */
export interface BullmqPlace {
  /** The URL of the server of BullMQ's backend: `redis://` or `rediss://` for Redis, anything else for PostgreSQL. */
  readonly url: string
  /** On PostgreSQL, the schema of its tables; `bullmq` unless given, as for BullMQ itself. */
  readonly schema?: string | undefined
  /** On Redis, the prefix of its keys; `bull` unless given, as for BullMQ itself. */
  readonly prefix?: string | undefined
}

/** The schemas, quoted for SQL. */
export interface BullmqSchemas {
  /** Of BullMQ. */
  readonly theirs: string
  /** Of what the adapter keeps beside it. */
  readonly ours: string
}

/** The schemas of a place: the adapter's has the name of BullMQ's, and `_steptrail`. */
export function schemasOf({
  schema = 'bullmq',
  prefix,
}: Pick<BullmqPlace, 'schema' | 'prefix'>): BullmqSchemas {
  if (prefix !== undefined)
    throw new TrailError(
      'invalid_configuration',
      `a prefix, ${JSON.stringify(prefix)}, is of keys on Redis: give its URL, redis://…, or leave the prefix out`,
      { details: { prefix } },
    )
  if (schema === '' || schema.length > 40)
    throw new TrailError(
      'invalid_configuration',
      `${JSON.stringify(schema)} is no schema of BullMQ: give its name, of 1 to 40 characters`,
      { details: { schema } },
    )
  return { theirs: pg.escapeIdentifier(schema), ours: pg.escapeIdentifier(`${schema}_steptrail`) }
}
