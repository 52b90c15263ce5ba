import { eventExportQuerySchema } from '@steptrail/client/messages'
import type { ExportRequest } from '@steptrail/core'
import { isDenial } from '../access/denials.ts'
import { actorOf } from '../access/principal.ts'
import { whileAllowed } from '../access/while-allowed.ts'
import { defineEndpoint, type Endpoint } from '../endpoint/endpoint.ts'
import type { Services } from '../services.ts'
import { eventFilterOf } from './event-filters.ts'
import { windowOf } from './event-window.ts'
import { exportAs, type ExportedEvents } from './exported-events.ts'
import { textStream } from './text-stream.ts'

/** `GET /api/v1/audit/events/export`. */
export const exportEventsEndpoint = (services: Services): Endpoint =>
  defineEndpoint({
    method: 'get',
    path: '/api/v1/audit/events/export',
    tag: 'events',
    scope: 'read',
    mayLag: true,
    summary: 'Export events',
    description:
      'All events that match and are committed when it begins, in the order of time, streamed. A last line tells ' +
      'how many there are, and the SHA-256 of all bytes before it; without it the export is not whole. CSV: every ' +
      'column of the record, details as JSON, text that looks like a formula with an apostrophe in front. NDJSON: ' +
      'an event a line. Parquet: every column of the record, details as JSON; the metadata of the file have both facts ' +
      'as steptrail.events and steptrail.sha256, over all bytes before its indexes and footer. That it was exported, by whom and what, is on record.',
    query: eventExportQuerySchema,
    answer: {
      mediaTypes: ['text/csv', 'application/x-ndjson', 'application/vnd.apache.parquet'],
      description: 'The events, and a trailer.',
    },
    handle: async ({ query, reader, principal, confirm }) => {
      const { format, ...filters } = query
      const window = windowOf(filters, Date.now())
      const request: ExportRequest = {
        ...eventFilterOf(filters),
        startDate: window.start_date ?? undefined,
        endDate: window.end_date ?? undefined,
      }
      const { parts, snapshot, mediaType } = await exportAs({
        format,
        request,
        reader,
        database: services.database,
        actor: actorOf(principal),
        tenant: principal.tenant,
        filters: { ...filters, ...window },
      })
      const { signal, end } = whileAllowed(confirm, services.settings.streamHeartbeatMs)
      const onError = (error: unknown): void => {
        if (!isDenial(error)) services.onTrouble('an export was cut off', error)
      }
      const onSourceEnd = services.unfinished.begin()
      return new Response(textStream(chunksOf(parts, signal), { onEnd: end, onSourceEnd, onError }), {
        headers: {
          'content-type': mediaType,
          'content-disposition': `attachment; filename="steptrail-events.${format}"`,
          'x-steptrail-snapshot': snapshot,
        },
      })
    },
  })

async function* chunksOf(
  parts: ExportedEvents['parts'],
  allowed: AbortSignal,
): AsyncGenerator<string | Uint8Array, void, undefined> {
  for await (const { chunk } of parts) {
    allowed.throwIfAborted()
    yield chunk
  }
}
