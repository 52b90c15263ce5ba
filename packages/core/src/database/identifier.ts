import { TrailError } from '@steptrail/event'

const longestIdentifier = 63

/** The name as SQL takes it, in double quotes. The only place where a name is put into SQL text. */
export const quoteIdentifier = (name: string): string => `"${name.replaceAll('"', '""')}"`

/**
 * The schema name, if PostgreSQL can have a schema of that name. Throws `invalid_configuration` for one that is
 * empty, longer than 63 bytes, holds U+0000 or a lone surrogate, or belongs to PostgreSQL itself.
 */
export function parseSchemaName(name: string): string {
  const reason = faultOf(name)
  if (reason === null) return name
  throw new TrailError(
    'invalid_configuration',
    `the schema name ${JSON.stringify(name)} ${reason}: give another, such as steptrail`,
    { details: { option: 'schema', value: name } },
  )
}

function faultOf(name: string): string | null {
  if (name === '') return 'is empty'
  if (!name.isWellFormed() || name.includes('\u0000')) return 'holds U+0000 or a lone surrogate'
  if (Buffer.byteLength(name) > longestIdentifier) return `is longer than ${longestIdentifier} bytes`
  if (name.startsWith('pg_') || name === 'information_schema') return 'belongs to PostgreSQL'
  return null
}
