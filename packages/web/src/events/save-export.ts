import { offerFile } from '../connection/offer-file.ts'

/** Formats of exports. */
export type ExportFormat = 'csv' | 'ndjson' | 'parquet'

/** How an export is saved. */
export interface SaveExportOptions {
  readonly format: ExportFormat
  /** Told how much has come. */
  readonly onBytes: (bytes: number) => void
}

/** Bytes of the end that hold what says that it is whole. */
const tailBytes = 4_096
const tellEveryBytes = 256 * 1024

/**
 * Reads an export to its end and hands it to the browser as a file. Resolves with the number of events in it. Rejects
 * when the stream breaks, or when its end, which says that it is whole, is missing; then no file is saved.
 */
export async function saveExport(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  { format, onBytes }: SaveExportOptions,
): Promise<number> {
  const parts: Uint8Array<ArrayBuffer>[] = []
  let bytes = 0
  let told = 0
  const reader = stream.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    parts.push(value)
    bytes += value.byteLength
    if (bytes - told < tellEveryBytes) continue
    told = bytes
    onBytes(bytes)
  }
  const blob = new Blob(parts, { type: mediaTypes[format] })
  const events = countOf(await blob.slice(Math.max(0, blob.size - tailBytes)).text(), format)
  if (events === null) throw new Error('The server ended it before its end: try again.')
  offerFile(blob, `steptrail-events.${format}`)
  return events
}

const mediaTypes: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv',
  ndjson: 'application/x-ndjson',
  parquet: 'application/vnd.apache.parquet',
}

/** The count in the last line; of a Parquet file, in its own metadata, before the mark that ends it. */
const ends: Readonly<Record<ExportFormat, RegExp>> = {
  csv: /(?:^|\n)# (\d+) events,sha256 [0-9a-f]{64},*\s*$/,
  ndjson: /(?:^|\n)\{"trailer":\{"events":(\d+),"sha256":"[0-9a-f]{64}"\}\}\s*$/,
  // Between them are two bytes of Thrift's compact protocol, and one after: none is a letter or a digit.
  parquet: /steptrail\.events\W{2}(\d+)\W[^]*PAR1$/,
}

/** The number of events that the end of an export tells; null when it is no such end. */
export function countOf(end: string, format: ExportFormat): number | null {
  const count = ends[format].exec(end)?.[1]
  return count === undefined ? null : Number(count)
}
