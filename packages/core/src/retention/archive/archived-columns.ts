import type { SchemaElement } from 'hyparquet'
import type { Query } from '../../database/database.ts'

/** A column of a table as an archive holds it. */
export interface ArchivedColumn {
  readonly name: string
  /** What is selected: text, or a number, boolean or text that Parquet's type is made from. */
  readonly select: string
  readonly kind: 'text' | 'integer' | 'float' | 'boolean' | 'instant'
}

const kinds: Readonly<Record<string, ArchivedColumn['kind']>> = {
  bigint: 'integer',
  integer: 'integer',
  'double precision': 'float',
  boolean: 'boolean',
  'timestamp with time zone': 'instant',
}

/**
 * The columns of a table, in order, but those that the database makes of others. JSON, UUIDs and intervals are held as
 * PostgreSQL's text of them.
 */
export async function archivedColumns(query: Query, table: string): Promise<readonly ArchivedColumn[]> {
  const { rows } = await query<{ name: string; type: string }>(
    `select attname as name, format_type(atttypid, null) as type
    from pg_attribute
    where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''
    order by attnum`,
    [table],
  )
  return rows.map(({ name, type }) => {
    const kind = kinds[type] ?? 'text'
    return { name, kind, select: `${expressionOf(name, kind)} as "${name}"` }
  })
}

/** Whole numbers and microseconds come as text, so that none loses a digit. */
function expressionOf(name: string, kind: ArchivedColumn['kind']): string {
  switch (kind) {
    case 'instant':
      return `(extract(epoch from kept."${name}") * 1000000)::bigint::text`
    case 'integer':
    case 'text':
      return `kept."${name}"::text`
    default:
      return `kept."${name}"`
  }
}

/** The Parquet schema of the columns. */
export const parquetSchema = (columns: readonly ArchivedColumn[]): SchemaElement[] => [
  { name: 'root', num_children: columns.length },
  ...columns.map(({ name, kind }): SchemaElement => ({
    name,
    repetition_type: 'OPTIONAL',
    ...parquetTypes[kind],
  })),
]

const parquetTypes = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  integer: { type: 'INT64' },
  float: { type: 'DOUBLE' },
  boolean: { type: 'BOOLEAN' },
  instant: { type: 'INT64', converted_type: 'TIMESTAMP_MICROS' },
} as const satisfies Readonly<Record<ArchivedColumn['kind'], Omit<SchemaElement, 'name'>>>
