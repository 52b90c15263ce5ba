import { bodyColumns, envelopeColumns } from '@steptrail/verify'

/** How the value that PostgreSQL sends for a column becomes canonical JSON. */
export type MemberKind = 'uuid' | 'instant' | 'number' | 'details' | 'text'

/** A member of the canonical JSON of an envelope or a body. */
export interface LeafMember {
  readonly kind: MemberKind
  /** What stands before its value: `{"id":` or `,"status":`. */
  readonly before: Buffer
  /** Where in the row it is. */
  readonly place: number
}

const kinds: Readonly<Record<string, Exclude<MemberKind, 'text'>>> = {
  id: 'uuid',
  step_id: 'uuid',
  parent_event_id: 'uuid',
  recorder_id: 'uuid',
  salt: 'uuid',
  timestamp: 'instant',
  execution_seq: 'number',
  duration_ms: 'number',
  retry_count: 'number',
  schema_version: 'number',
  recorder_seq: 'number',
  details: 'details',
}

/** What each column was made as; numbers are `bigint` but for these. */
const types: Readonly<Record<MemberKind, string>> = {
  uuid: 'uuid',
  instant: 'timestamp(3) with time zone',
  number: 'bigint',
  details: 'jsonb',
  text: 'text',
}
const integers: ReadonlySet<string> = new Set(['retry_count', 'schema_version'])

const kindOf = (name: string): MemberKind => kinds[name] ?? 'text'

const others = [...envelopeColumns, ...bodyColumns].filter((name) => name !== 'id' && name !== 'timestamp')
const order: readonly string[] = ['id', 'timestamp', 'salt', ...others]

const membersOf = (columns: readonly string[]): readonly LeafMember[] =>
  columns.toSorted().map((name, index) => ({
    kind: kindOf(name),
    before: Buffer.from(`${index === 0 ? '{' : ','}"${name}":`, 'latin1'),
    place: order.indexOf(name),
  }))

/** The envelope's members in the order of canonical JSON. */
export const envelopeMembers = membersOf(envelopeColumns)
/** The body's members in the order of canonical JSON. */
export const bodyMembers = membersOf(bodyColumns)

/** Where in the row these are. */
export const leafPlaces = { id: 0, timestamp: 1, salt: 2 } as const
/** Where those are that erasure sets to null: all of the body but the tenant. */
export const erasedPlaces = bodyColumns.filter((name) => name !== 'tenant').map((name) => order.indexOf(name))
/** Columns in the row. */
export const leafWidth = order.length

/** What PostgreSQL calls the type of each column. */
export const leafColumnTypes: ReadonlyMap<string, string> = new Map(
  order.map((name) => [name, integers.has(name) ? 'integer' : types[kindOf(name)]]),
)

/** The list after `select` for what the log commits to, for rows that are taken as they come. */
export const leafValues = order
  .map((name) => (integers.has(name) ? `"${name}"::bigint as "${name}"` : `"${name}"`))
  .join(', ')
