import { eventStreamQuerySchema } from '@steptrail/client/messages'
import { type FeedBatch, feedCursor, type FeedStart, follow, parseTimeSpan } from '@steptrail/core'
import { toEventJson, TrailError } from '@steptrail/event'
import { defineEndpoint, type Endpoint } from '../endpoint/endpoint.ts'
import { problemOf } from '../problem/problem-of.ts'
import type { Services } from '../services.ts'
import { eventFilterOf } from './event-filters.ts'
import { textStream } from './text-stream.ts'

/** `GET /api/v1/audit/events/stream`. */
export function eventStreamEndpoint(services: Services): Endpoint {
  const { settings, closing } = services
  let open = 0
  return defineEndpoint({
    method: 'get',
    path: '/api/v1/audit/events/stream',
    tag: 'events',
    scope: 'read',
    summary: 'Follow events as they are committed',
    description:
      'Server-sent events: each has an event as JSON for its data, and an id with which to go on after it, as ' +
      '`Last-Event-ID` or as `from`. Every event comes once, those of an execution in their order.',
    query: eventStreamQuerySchema,
    answer: { mediaTypes: ['text/event-stream'], description: 'Events, until the caller hangs up.' },
    handle: async ({ query, reader, request, signal, url }) => {
      if (open >= settings.streams) throw tooMany(settings.streams)
      const { from, ...filters } = query
      const cursor = await feedCursor(reader, startOf(request.headers.get('last-event-id') ?? from))
      const hangingUp = new AbortController()
      const feed = follow(reader, {
        from: cursor,
        filter: eventFilterOf(filters),
        signal: AbortSignal.any([signal, closing, hangingUp.signal]),
        batchSize: 200,
        ...(reader.kind === 'embedded' && { pollIntervalMs: 250 }),
      })
      open += 1
      const body = textStream(messagesOf(feed, cursor, url.pathname), {
        heartbeatMs: settings.streamHeartbeatMs,
        heartbeat: ': still here\n\n',
        onEnd: () => {
          open -= 1
          hangingUp.abort()
        },
      })
      return new Response(body, {
        headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' },
      })
    },
  })
}

function startOf(from: string | undefined): FeedStart {
  if (from === undefined) return 'now'
  return parseTimeSpan(from) ? { time: from } : from
}

/** First a place to go on from, then each event with its own. What ends the stream is told as an event of its own. */
async function* messagesOf(
  feed: AsyncGenerator<FeedBatch, void, undefined>,
  cursor: string,
  instance: string,
): AsyncGenerator<string, void, undefined> {
  yield `retry: 1000\nid: ${cursor}\n\n`
  try {
    for await (const { events, cursorAfter } of feed)
      yield events
        .map((event, index) => `id: ${cursorAfter(index)}\ndata: ${JSON.stringify(toEventJson(event))}\n\n`)
        .join('')
  } catch (error) {
    yield `event: problem\ndata: ${JSON.stringify(problemOf(error, instance))}\n\n`
  }
}

const tooMany = (streams: number): TrailError =>
  new TrailError(
    'server_busy',
    `the server has ${streams} streams already, and takes no more: try again later`,
    {
      details: { retryAfterSeconds: 10 },
    },
  )
