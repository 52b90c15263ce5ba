import { offerFile } from '../connection/offer-file.ts'

/** Formats of exports. */
export type ExportFormat = 'csv' | 'ndjson'

/** How an export is saved. */
export interface SaveExportOptions {
  readonly format: ExportFormat
  /** Told how much has come. */
  readonly onBytes: (bytes: number) => void
}

/** Bytes of the end that hold the last line. */
const tailBytes = 4_096
const tellEveryBytes = 256 * 1024

/**
 * Reads an export to its end and hands it to the browser as a file. Resolves with the number of events in it. Rejects
 * when the stream breaks, or when its last line, which says that it is whole, is missing; then no file is saved.
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
  const blob = new Blob(parts, { type: format === 'csv' ? 'text/csv' : 'application/x-ndjson' })
  const events = countOf(await blob.slice(Math.max(0, blob.size - tailBytes)).text(), format)
  if (events === null) throw new Error('The server ended it before its last line: try again.')
  offerFile(blob, `steptrail-events.${format}`)
  return events
}

/** The number of events that the last line of an export tells; null when it is no such line. */
export function countOf(end: string, format: ExportFormat): number | null {
  const last = end.trimEnd().split(/\r?\n/).at(-1) ?? ''
  const pattern =
    format === 'csv'
      ? /^# (\d+) events,sha256 [0-9a-f]{64},*$/
      : /^\{"trailer":\{"events":(\d+),"sha256":"[0-9a-f]{64}"\}\}$/
  const count = pattern.exec(last)?.[1]
  return count === undefined ? null : Number(count)
}
