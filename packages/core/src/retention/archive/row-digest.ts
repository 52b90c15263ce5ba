import { createHash } from 'node:crypto'

/** A row that is archived, by column: what was selected, or what was read back. */
export type ArchivedRow = Readonly<Record<string, unknown>>

/** Rows counted, and SHA-256 over them in their order: of each the JSON array of its columns, and a line feed. */
export class RowDigest {
  readonly #hash = createHash('sha256')
  readonly #columns: readonly string[]
  #count = 0

  constructor(columns: readonly string[]) {
    this.#columns = columns
  }

  add(row: ArchivedRow): void {
    this.#count += 1
    this.#hash.update(`${JSON.stringify(this.#columns.map((name) => valueOf(row[name])))}\n`)
  }

  /** May be called once. */
  finish(): { readonly rowCount: number; readonly digest: string } {
    return { rowCount: this.#count, digest: this.#hash.digest('hex') }
  }
}

const valueOf = (value: unknown): unknown => (typeof value === 'bigint' ? String(value) : (value ?? null))
