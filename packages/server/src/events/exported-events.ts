import { createHash } from 'node:crypto'
import {
  type Database,
  exportEvents,
  type ExportRequest,
  ParquetEvents,
  recordAdministration,
} from '@steptrail/core'
import { type Actor, type AuditEvent, toEventJson } from '@steptrail/event'
import { csvHeader, csvLine, csvTrailer } from './csv.ts'

/** The forms of an export. */
export const exportFormats = ['csv', 'ndjson', 'parquet'] as const
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
export interface ExportedEvents {
  readonly snapshot: string
  readonly mediaType: string
  /** Some of it at a time, with how many events there have been; the last part attests those before. */
  readonly parts: AsyncGenerator<ExportedPart, void, undefined>
}

/** Text, or bytes where the format is not text. */
export interface ExportedPart {
  readonly chunk: string | Uint8Array
  readonly events: number
}

/**
 * All events that match and are committed now, with a trailer that attests them. That they were exported is
 * put on record before the trailer is given; when it ends before, as not whole.
 *
 * @throws TrailError `invalid_filter`
 */
export async function exportAs(options: ExportOptions): Promise<ExportedEvents> {
  const { reader, request, format } = options
  const { snapshot, pages } = await exportEvents(reader, request)
  const parts = partsOf(pages, formats[format].begin(), (end) => recordExport(options, { ...end, snapshot }))
  return { snapshot, mediaType: formats[format].mediaType, parts }
}

interface Format {
  readonly mediaType: string
  readonly begin: () => Writing
}

/** One export in a format. */
interface Writing {
  readonly header: string
  readonly add: (events: readonly AuditEvent[]) => string | Uint8Array
  /** What is left once all events were added. */
  readonly rest: () => string | Uint8Array
  readonly trailer: (count: number, sha256: string) => string | Uint8Array
}

const linesOf = (line: (event: AuditEvent) => string): Pick<Writing, 'add' | 'rest'> => ({
  add: (events) => events.map(line).join(''),
  rest: () => '',
})

const formats: Readonly<Record<ExportFormat, Format>> = {
  csv: {
    mediaType: 'text/csv; charset=utf-8',
    begin: () => ({ header: csvHeader, ...linesOf(csvLine), trailer: csvTrailer }),
  },
  ndjson: {
    mediaType: 'application/x-ndjson',
    begin: () => ({
      header: '',
      ...linesOf((event) => `${JSON.stringify(toEventJson(event))}\n`),
      trailer: (count, sha256) => `${JSON.stringify({ trailer: { events: count, sha256 } })}\n`,
    }),
  },
  parquet: { mediaType: 'application/vnd.apache.parquet', begin: parquetWriting },
}

/** The trailer is the end of the file, whose metadata have the same two facts. */
function parquetWriting(): Writing {
  const file = new ParquetEvents()
  return {
    header: '',
    add: (events) => file.add(events),
    rest: () => file.flush(),
    trailer: (count, sha256) =>
      file.finish({ 'steptrail.events': String(count), 'steptrail.sha256': sha256 }),
  }
}

/** How an export ended; without a digest it is not whole. */
interface ExportEnd {
  readonly count: number
  readonly digest?: string
}

async function* partsOf(
  pages: AsyncGenerator<readonly AuditEvent[], void, undefined>,
  { header, add, rest, trailer }: Writing,
  record: (end: ExportEnd) => Promise<void>,
): ExportedEvents['parts'] {
  const hash = createHash('sha256').update(header)
  let count = 0
  let isWhole = false
  try {
    yield { chunk: header, events: 0 }
    for await (const events of pages) {
      const chunk = add(events)
      hash.update(chunk)
      count += events.length
      yield { chunk, events: count }
    }
    const last = rest()
    hash.update(last)
    yield { chunk: last, events: count }
    const digest = hash.digest('hex')
    isWhole = true
    await record({ count, digest })
    yield { chunk: trailer(count, digest), events: count }
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
