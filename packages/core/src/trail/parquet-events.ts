import { type AuditEvent, eventColumns } from '@steptrail/event'
import type { SchemaElement } from 'hyparquet'
import { ByteWriter, ParquetWriter } from 'hyparquet-writer'

const rowsInAGroup = 5_000

/** What a reader finds in the file's own metadata. */
export type ParquetFacts = Readonly<Record<string, string>>

/**
 * Events as one Parquet file, piece by piece: no more than one group of rows is in memory. Every column of the record;
 * instants are timestamps of microseconds in UTC, details are JSON, UUIDs are text. A file without its end cannot be
 * read, so one that can is whole.
 */
export class ParquetEvents {
  readonly #bytes = new ByteWriter()
  readonly #facts: { key: string; value: string }[] = []
  readonly #writer = new ParquetWriter({
    writer: this.#bytes,
    schema,
    kvMetadata: this.#facts,
    createdBy: 'steptrail',
  })
  #waiting: AuditEvent[] = []

  /** Takes events, and gives the bytes that have come to be since; often none. */
  add(events: readonly AuditEvent[]): Uint8Array {
    this.#waiting.push(...events)
    if (this.#waiting.length >= rowsInAGroup) this.#writeGroup()
    return this.#taken()
  }

  /** The rows that are not in a group yet; nothing may be added after. */
  flush(): Uint8Array {
    if (this.#waiting.length > 0) this.#writeGroup()
    return this.#taken()
  }

  /** The end of the file, with facts for who reads it. */
  finish(facts: ParquetFacts): Uint8Array {
    this.#facts.push(...Object.entries(facts).map(([key, value]) => ({ key, value })))
    void this.#writer.finish()
    return this.#taken()
  }

  #writeGroup(): void {
    const events = this.#waiting
    this.#waiting = []
    // Bytes in memory need no waiting: it has been written when the call returns.
    void this.#writer.write({
      columnData: columns.map(({ column, valueOf }) => ({ name: column, data: events.map(valueOf) })),
      rowGroupSize: events.length,
    })
  }

  #taken(): Uint8Array {
    const taken = this.#bytes.getBytes().slice()
    this.#bytes.index = 0
    return taken
  }
}

/** Of an instant in ISO 8601, whose fraction may have six digits, microseconds since 1970. */
function microsecondsOf(instant: string): bigint {
  const fraction = /\.(\d{1,6})/.exec(instant)?.[1] ?? ''
  const seconds = Math.floor(Date.parse(instant) / 1000)
  return BigInt(seconds) * 1_000_000n + BigInt(fraction.padEnd(6, '0'))
}

const kindOf = (type: string): 'instant' | 'integer' | 'json' | 'text' => {
  if (type.startsWith('timestamptz')) return 'instant'
  if (type === 'bigint' || type === 'integer') return 'integer'
  return type === 'jsonb' ? 'json' : 'text'
}

const parquetTypes = {
  instant: { type: 'INT64', converted_type: 'TIMESTAMP_MICROS' },
  integer: { type: 'INT64' },
  json: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
} as const

const columns = eventColumns.map(({ key, column, type }) => {
  const kind = kindOf(type)
  const valueOf = (event: AuditEvent): unknown => {
    const value = event[key]
    if (value === null) return null
    if (kind === 'instant' && typeof value === 'string') return microsecondsOf(value)
    if (kind === 'integer') return BigInt(Number(value))
    return kind === 'json' ? JSON.stringify(value) : value
  }
  return { column, kind, valueOf }
})

const schema: SchemaElement[] = [
  { name: 'root', num_children: columns.length },
  ...columns.map(({ column, kind }): SchemaElement => ({
    name: column,
    repetition_type: 'OPTIONAL',
    ...parquetTypes[kind],
  })),
]
