import { createHash } from 'node:crypto'
import { type Database, exportEvents, type ExportRequest, recordAdministration } from '@steptrail/core'
import { type Actor, type AuditEvent, toEventJson } from '@steptrail/event'
import { csvHeader, csvLine, csvTrailer } from './csv.ts'

/** The forms of an export. */
export const exportFormats = ['csv', 'ndjson'] as const
/** See `exportFormats`. */
export type ExportFormat = (typeof exportFormats)[number]

/** What is exported, for whom. */
export interface ExportOptions {
  readonly format: ExportFormat
  readonly request: ExportRequest
  /** The database as who exports may see it. */
  readonly reader: Database
  /** Where it is put on record that it was exported. */
  readonly database: Database
  readonly actor: Actor
  /** Whose export it is; every tenant's when null. */
  readonly tenant: string | null
  /** What was asked for, as it is put on record. */
  readonly filters: Readonly<Record<string, string | null | undefined>>
}

/** An export under way. */
export interface ExportedText {
  readonly snapshot: string
  readonly mediaType: string
  /** Some lines at a time, with how many events there have been; the last part is the trailer. */
  readonly parts: AsyncGenerator<{ readonly text: string; readonly events: number }, void, undefined>
}

/**
 * All events that match and are committed now, as text, with a trailer that attests them. That they were exported is
 * put on record before the trailer is given; when it ends before, as not whole.
 *
 * @throws TrailError `invalid_filter`
 */
export async function exportText(options: ExportOptions): Promise<ExportedText> {
  const { reader, request, format } = options
  const { snapshot, pages } = await exportEvents(reader, request)
  const parts = partsOf(pages, formats[format], (end) => recordExport(options, { ...end, snapshot }))
  return { snapshot, mediaType: formats[format].mediaType, parts }
}

interface Format {
  readonly mediaType: string
  readonly header: string
  readonly line: (event: AuditEvent) => string
  readonly trailer: (count: number, sha256: string) => string
}

const formats: Readonly<Record<ExportFormat, Format>> = {
  csv: { mediaType: 'text/csv; charset=utf-8', header: csvHeader, line: csvLine, trailer: csvTrailer },
  ndjson: {
    mediaType: 'application/x-ndjson',
    header: '',
    line: (event) => `${JSON.stringify(toEventJson(event))}\n`,
    trailer: (count, sha256) => `${JSON.stringify({ trailer: { events: count, sha256 } })}\n`,
  },
}

/** How an export ended; without a digest it is not whole. */
interface ExportEnd {
  readonly count: number
  readonly digest?: string
}

async function* partsOf(
  pages: AsyncGenerator<readonly AuditEvent[], void, undefined>,
  { header, line, trailer }: Format,
  record: (end: ExportEnd) => Promise<void>,
): ExportedText['parts'] {
  const hash = createHash('sha256').update(header)
  let count = 0
  let isWhole = false
  try {
    yield { text: header, events: 0 }
    for await (const events of pages) {
      const text = events.map(line).join('')
      hash.update(text)
      count += events.length
      yield { text, events: count }
    }
    const digest = hash.digest('hex')
    isWhole = true
    await record({ count, digest })
    yield { text: trailer(count, digest), events: count }
  } finally {
    if (!isWhole) await record({ count })
  }
}

async function recordExport(
  { database, actor, tenant, format, filters }: ExportOptions,
  { count, digest, snapshot }: ExportEnd & { readonly snapshot: string },
): Promise<void> {
  await database.transaction((tx) =>
    recordAdministration(tx, {
      eventType: 'TRAIL_EXPORTED',
      status: digest === undefined ? 'FAILED' : 'SUCCESS',
      actorType: actor.type,
      actorId: actor.id,
      ...(tenant !== null && { tenant }),
      details: { format, eventCount: count, snapshot, filters, ...(digest !== undefined && { digest }) },
    }),
  )
}
