import pg from 'pg'
import { BinaryRow, int32At } from './binary-row.ts'
import type { QueryResult, TakingStatement } from './database.ts'
import { withLiterals } from './literals.ts'

/** Runs a statement whose rows are taken as they come. Throws what the driver throws, and what taking a row does. */
export function takeRows<Row>(
  client: Pick<pg.ClientBase, 'query'>,
  { text, take }: TakingStatement,
  values: readonly unknown[] = [],
): Promise<QueryResult<Row> & { command: string }> {
  const rows: Row[] = []
  const copy = new CopyOutStatement(withLiterals(text, values), (row) => rows.push(take(row) as Row))
  return new Promise((resolve, reject) => {
    copy.on('error', reject)
    copy.on('end', ({ command }) => {
      if (copy.failure) reject(copy.failure)
      else resolve({ rows, rowCount: rows.length, command })
    })
    client.query(copy)
  })
}

/**
 * A `copy … to stdout` in the binary format (PostgreSQL, "COPY", "Binary Format"). The server sends each row in a
 * message of its own, the first behind a header; what is between may cut it elsewhere, so what is no whole row waits for
 * the rest.
 */
class CopyOutStatement extends pg.Query {
  /** What taking a row has thrown: out of the driver's listener it would end the process. */
  failure: Error | null = null
  readonly #take: (row: BinaryRow) => void
  readonly #row = new BinaryRow()
  #rest: Buffer = Buffer.alloc(0)
  #hasBegun = false

  constructor(query: string, take: (row: BinaryRow) => void) {
    super(`copy (${query}) to stdout (format binary)`)
    this.#take = take
  }

  /** Called by the driver. */
  handleCopyData({ chunk }: { readonly chunk: Buffer }): void {
    if (this.failure) return
    try {
      this.#takeOf(this.#rest.length === 0 ? bufferOf(chunk) : Buffer.concat([this.#rest, chunk]))
    } catch (error) {
      this.failure = error instanceof Error ? error : new Error(String(error))
    }
  }

  #takeOf(bytes: Buffer): void {
    let at = 0
    if (!this.#hasBegun) {
      at = afterHeader(bytes)
      if (at < 0) return void (this.#rest = bytes)
      this.#hasBegun = true
    }
    for (let next = this.#row.become(bytes, at); next >= 0; next = this.#row.become(bytes, at)) {
      this.#take(this.#row)
      at = next
    }
    this.#rest = bytes.subarray(at)
  }
}

/** Embedded, the driver gives plain arrays of bytes. */
const bufferOf = (chunk: Uint8Array): Buffer =>
  Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)

/** A signature of 11 bytes, flags, and an extension behind its length; -1 while not all of it is there. */
function afterHeader(bytes: Buffer): number {
  if (bytes.length < 19) return -1
  const end = 19 + int32At(bytes, 15)
  return end <= bytes.length ? end : -1
}
