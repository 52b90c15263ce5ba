import { bodyColumns, envelopeColumns } from '@steptrail/verify'

/** How the text that PostgreSQL gives for a column becomes that of canonical JSON. */
export type TextKind = 'instant' | 'number' | 'details' | 'text'

/** A column of the rows that `leafTexts` selects. */
export interface LeafText {
  readonly name: string
  readonly kind: TextKind
  /** Where in the row it is. */
  readonly place: number
}

const kinds: Readonly<Record<string, TextKind>> = {
  timestamp: 'instant',
  execution_seq: 'number',
  duration_ms: 'number',
  retry_count: 'number',
  schema_version: 'number',
  recorder_seq: 'number',
  details: 'details',
}

const others = [...envelopeColumns, ...bodyColumns].filter((name) => name !== 'id' && name !== 'timestamp')
const order: readonly string[] = ['id', 'timestamp', 'salt', ...others]

const inOrder = (columns: readonly string[]): readonly LeafText[] =>
  columns.toSorted().map((name) => ({ name, kind: kinds[name] ?? 'text', place: order.indexOf(name) }))

/** The envelope's columns in the order of canonical JSON. */
export const envelopeTexts = inOrder(envelopeColumns)
/** The body's columns in the order of canonical JSON. */
export const bodyTexts = inOrder(bodyColumns)

/** Where in the row these are. */
export const leafPlaces = { id: 0, timestamp: 1, salt: 2 } as const
/** Columns in the row. */
export const leafWidth = order.length

/** The list after `select` for what the log commits to, for rows that come as texts. */
export const leafTexts = order.map((name) => `"${name}"`).join(', ')
