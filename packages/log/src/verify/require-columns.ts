import type { Query } from '@steptrail/core'
import { TrailError } from '@steptrail/event'
import { leafColumnTypes } from '../leaf/leaf-members.ts'

/**
 * Makes sure that what the log commits to is in columns of the types that it was sealed from. Leaves are made of the
 * values as these types: of a column that somebody has made another type of, a value may be what it was not.
 *
 * @throws TrailError `schema_edited`, naming the first such column
 */
export async function requireColumns(query: Query): Promise<void> {
  const { rows } = await query<{ name: string; type: string }>(
    `select attname::text as name, format_type(atttypid, atttypmod) as type
     from pg_attribute
     where attrelid = 'audit_event'::regclass
       and attnum > 0
       and not attisdropped`,
  )
  const found = new Map(rows.map(({ name, type }) => [name, type]))
  for (const [name, type] of leafColumnTypes) {
    const given = found.get(name)
    if (given === type) continue
    throw new TrailError(
      'schema_edited',
      `the column ${name} of audit_event is ${given ?? 'gone'}, and was made as ${type}: what is in it cannot be verified. Restore the database from before that change`,
      { details: { column: name, type: given ?? null, expected: type } },
    )
  }
}
