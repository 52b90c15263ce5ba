import {
  type Body,
  bodyColumns,
  type Envelope,
  envelopeColumns,
  type SealedRecord,
  storedDetails,
  type WholeRecord,
} from '@steptrail/verify'

/** A row of `audit_event` as `leafColumns` selects it. */
export type LeafRow = {
  readonly [Column in (typeof envelopeColumns)[number] | (typeof bodyColumns)[number]]: string | number | null
} & { readonly id: string; readonly timestamp: string; readonly salt: string }

/** Columns that may be beyond what a JavaScript number holds. */
const bigColumns: ReadonlySet<string> = new Set(['execution_seq', 'duration_ms', 'recorder_seq'])

/** The list after `select` for what the log commits to: `details` as text, numbers of 64 bits as text. */
export const leafColumns = [...envelopeColumns, ...bodyColumns, 'salt' as const]
  .map((column) => (column === 'details' || bigColumns.has(column) ? `"${column}"::text` : `"${column}"`))
  .join(', ')

/** An event as the log commits to it. */
export const recordOf = (row: LeafRow): WholeRecord => ({
  envelope: envelopeOf(row),
  body: bodyOf(row),
  salt: row.salt,
})

/** A row with what erasure left of it, if it was erased. */
export type StoredRow = LeafRow & {
  /** The commitment to the body that was erased; null for an event that is whole. */
  readonly body_hash: string | null
}

/** An event, whole or erased, as the log commits to it. */
export function storedRecordOf(row: StoredRow): SealedRecord {
  if (row.body_hash === null) return recordOf(row)
  return { envelope: envelopeOf(row), body: null, bodyHash: row.body_hash, envelopeKey: row.salt }
}

function envelopeOf(row: LeafRow): Envelope {
  return {
    ...pick(row, envelopeColumns),
    execution_seq: wholeOf(row.execution_seq),
    duration_ms: wholeOf(row.duration_ms),
    recorder_seq: wholeOf(row.recorder_seq),
  } as Envelope
}

function bodyOf(row: LeafRow): Body {
  const details = row.details === null ? null : storedDetails(String(row.details))
  return { ...pick(row, bodyColumns), details } as Body
}

function pick(row: LeafRow, columns: readonly (keyof LeafRow)[]): object {
  const picked: Record<string, unknown> = {}
  for (const column of columns) picked[column] = row[column]
  return picked
}

/** A number where JavaScript has it exactly, else its decimal digits. */
function wholeOf(digits: string | number | null): string | number | null {
  if (digits === null) return null
  const value = Number(digits)
  return Number.isSafeInteger(value) ? value : String(digits)
}
