import { createHash } from 'node:crypto'
import { eventExportQuerySchema } from '@steptrail/client/messages'
import {
  type Database,
  type EventExport,
  exportEvents,
  type ExportRequest,
  recordAdministration,
} from '@steptrail/core'
import { type AuditEvent, toEventJson } from '@steptrail/event'
import { actorOf, type Principal } from '../access/principal.ts'
import { defineEndpoint, type Endpoint } from '../endpoint/endpoint.ts'
import type { Services } from '../services.ts'
import { csvHeader, csvLine, csvTrailer } from './csv.ts'
import { eventFilterOf } from './event-filters.ts'
import { windowOf } from './event-window.ts'
import { textStream } from './text-stream.ts'

/** `GET /api/v1/audit/events/export`. */
export const exportEventsEndpoint = (services: Services): Endpoint =>
  defineEndpoint({
    method: 'get',
    path: '/api/v1/audit/events/export',
    tag: 'events',
    scope: 'read',
    summary: 'Export events',
    description:
      'All events that match and are committed when it begins, in the order of time, streamed. The last line tells ' +
      'how many there are, and the SHA-256 of all bytes before it; without it the export is not whole. CSV: every ' +
      'column of the record, details as JSON, text that looks like a formula with an apostrophe in front. NDJSON: ' +
      'an event a line. That it was exported, by whom and what, is on record.',
    query: eventExportQuerySchema,
    answer: { mediaTypes: ['text/csv', 'application/x-ndjson'], description: 'The events, and a trailer.' },
    handle: async ({ query, reader, principal }) => {
      const { format, ...filters } = query
      const window = windowOf(filters, Date.now())
      const request: ExportRequest = {
        ...eventFilterOf(filters),
        startDate: window.start_date ?? undefined,
        endDate: window.end_date ?? undefined,
      }
      const exported = await exportEvents(reader, request)
      const record = recording(services.database, { principal, format, filters: { ...filters, ...window } })
      const body = textStream(linesOf(exported, formats[format], record), { onEnd: () => undefined })
      return new Response(body, {
        headers: {
          'content-type': formats[format].mediaType,
          'content-disposition': `attachment; filename="steptrail-events.${format}"`,
          'x-steptrail-snapshot': exported.snapshot,
        },
      })
    },
  })

interface Format {
  readonly mediaType: string
  readonly header: string
  readonly line: (event: AuditEvent) => string
  readonly trailer: (count: number, sha256: string) => string
}

const formats: Readonly<Record<'csv' | 'ndjson', Format>> = {
  csv: { mediaType: 'text/csv; charset=utf-8', header: csvHeader, line: csvLine, trailer: csvTrailer },
  ndjson: {
    mediaType: 'application/x-ndjson',
    header: '',
    line: (event) => `${JSON.stringify(toEventJson(event))}\n`,
    trailer: (count, sha256) => `${JSON.stringify({ trailer: { events: count, sha256 } })}\n`,
  },
}

/** How an export ended. */
interface ExportEnd {
  readonly count: number
  readonly digest?: string
  readonly snapshot: string
}

/** What is not on record is not handed over as whole: the trailer comes after the event that tells of the export. */
async function* linesOf(
  { pages, snapshot }: EventExport,
  { header, line, trailer }: Format,
  record: (end: ExportEnd) => Promise<void>,
): AsyncGenerator<string, void, undefined> {
  const hash = createHash('sha256')
  let count = 0
  let isWhole = false
  try {
    hash.update(header)
    yield header
    for await (const events of pages) {
      const text = events.map(line).join('')
      hash.update(text)
      count += events.length
      yield text
    }
    const digest = hash.digest('hex')
    isWhole = true
    await record({ count, digest, snapshot })
    yield trailer(count, digest)
  } finally {
    if (!isWhole) await record({ count, snapshot })
  }
}

interface Recorded {
  readonly principal: Principal
  readonly format: string
  readonly filters: Readonly<Record<string, string | null | undefined>>
}

const recording =
  (database: Database, { principal, format, filters }: Recorded) =>
  async ({ count, digest, snapshot }: ExportEnd): Promise<void> => {
    const { type, id } = actorOf(principal)
    await database.transaction((tx) =>
      recordAdministration(tx, {
        eventType: 'TRAIL_EXPORTED',
        status: digest === undefined ? 'FAILED' : 'SUCCESS',
        actorType: type,
        actorId: id,
        ...(principal.tenant !== null && { tenant: principal.tenant }),
        details: { format, eventCount: count, snapshot, filters, ...(digest !== undefined && { digest }) },
      }),
    )
  }
