import type { ArchivedColumn } from './archived-columns.ts'
import type { ArchivedRow } from './row-digest.ts'

/** What is to be archived: rows of one table, of one month unless the table has none. */
export interface ArchiveRequest {
  readonly runId: string
  readonly table: string
  /** As in `2026-08`; null for a table without months. */
  readonly month: string | null
  readonly columns: readonly ArchivedColumn[]
  readonly rows: AsyncIterable<ArchivedRow>
}

/** What was archived, and read back. */
export interface ArchivedFile {
  readonly table: string
  readonly month: string | null
  /** Where it is, within the archive. */
  readonly path: string
  readonly byteCount: number
  /** SHA-256 of the file, in hexadecimal. */
  readonly fileDigest: string
  readonly rowCount: number
  /** SHA-256 over the rows, in hexadecimal; see `RowDigest`. It goes on record. */
  readonly digest: string
}

/** Where rows go before they are let go of. */
export interface Archive {
  /** Writes the rows durably, reads them back, and throws unless they are the same, count and digest. */
  readonly store: (request: ArchiveRequest) => Promise<ArchivedFile>
  /** Writes down what a run has archived, once all of it is. */
  readonly finish: (runId: string, files: readonly ArchivedFile[]) => Promise<void>
  /** Removes what a run has stored that did not come to its end. */
  readonly discard: (runId: string) => Promise<void>
}
