import { eventStreamQuerySchema } from '@steptrail/client/messages'
import { type FeedBatch, feedCursor, type FeedStart, follow, parseTimeSpan } from '@steptrail/core'
import { toEventJson } from '@steptrail/event'
import { defineEndpoint, type Endpoint } from '../endpoint/endpoint.ts'
import { problemOf } from '../problem/problem-of.ts'
import type { Services } from '../services.ts'
import { Slots } from '../slots.ts'
import { eventFilterOf } from './event-filters.ts'
import { textStream } from './text-stream.ts'

/** `GET /api/v1/audit/events/stream`. */
export function eventStreamEndpoint(services: Services): Endpoint {
  const { settings, closing } = services
  const streams = new Slots(settings.streams, 'streams')
  return defineEndpoint({
    method: 'get',
    path: '/api/v1/audit/events/stream',
    tag: 'events',
    scope: 'read',
    shows: true,
    summary: 'Follow events as they are committed',
    description:
      'Server-sent events: each has an event as JSON for its data, and an id with which to go on after it, as ' +
      '`Last-Event-ID` or as `from`. Every event comes once, those of an execution in their order.',
    query: eventStreamQuerySchema,
    answer: { mediaTypes: ['text/event-stream'], description: 'Events, until the caller hangs up.' },
    handle: async ({ query, reader, request, signal, url }) => {
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
      const release = streams.take()
      const streamEnds = services.metrics.streamBegins()
      const body = textStream(messagesOf(feed, cursor, url.pathname), {
        heartbeatMs: settings.streamHeartbeatMs,
        heartbeat: ': still here\n\n',
        onEnd: () => {
          release()
          streamEnds()
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
