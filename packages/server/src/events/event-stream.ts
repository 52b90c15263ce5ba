import { eventStreamQuerySchema } from '@steptrail/client/messages'
import { type FeedBatch, feedCursor, type FeedStart, follow, parseTimeSpan } from '@steptrail/core'
import { toEventJson } from '@steptrail/event'
import { defineEndpoint, type Endpoint } from '../endpoint/endpoint.ts'
import { whileAllowed } from '../access/while-allowed.ts'
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
      '`Last-Event-ID` or as `from`. Every event comes once, those of an execution in their order. What ends it for ' +
      'good, such as a key that is revoked, comes as an event `problem`.',
    query: eventStreamQuerySchema,
    answer: { mediaTypes: ['text/event-stream'], description: 'Events, until the caller hangs up.' },
    handle: async ({ query, reader, request, principal, signal, url, confirm }) => {
      const { from, ...filters } = query
      const cursor = await feedCursor(reader, startOf(lastEventIdOf(request) ?? from))
      const release = streams.take(principal.tenant)
      const hangingUp = new AbortController()
      const allowed = whileAllowed(confirm, settings.streamHeartbeatMs)
      const feed = follow(reader, {
        from: cursor,
        filter: eventFilterOf(filters),
        signal: AbortSignal.any([signal, closing, hangingUp.signal, allowed.signal]),
        batchSize: 200,
        ...(reader.kind === 'embedded' && { pollIntervalMs: 250 }),
      })
      const streamEnds = services.metrics.streamBegins()
      const messages = messagesOf(feed, {
        cursor,
        instance: url.pathname,
        allowed: allowed.signal,
        onTrouble: services.onTrouble,
      })
      const body = textStream(messages, {
        heartbeatMs: settings.streamHeartbeatMs,
        heartbeat: ': still here\n\n',
        onEnd: () => {
          release()
          allowed.end()
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

/** A client that has seen no event yet may say so by an empty one, as a browser does that was given an empty id. */
const lastEventIdOf = ({ headers }: Request): string | undefined => headers.get('last-event-id') || undefined

function startOf(from: string | undefined): FeedStart {
  if (from === undefined) return 'now'
  return parseTimeSpan(from) ? { time: from } : from
}

/** What is told of the stream itself. */
interface Told {
  /** Where it begins. */
  readonly cursor: string
  readonly instance: string
  /** Aborts when who follows may no longer. */
  readonly allowed: AbortSignal
  readonly onTrouble: Services['onTrouble']
}

/** First a place to go on from, then each event with its own. What ends the stream is told as an event of its own. */
async function* messagesOf(
  feed: AsyncGenerator<FeedBatch, void, undefined>,
  { cursor, instance, allowed, onTrouble }: Told,
): AsyncGenerator<string, void, undefined> {
  yield `retry: 1000\nid: ${cursor}\n\n`
  try {
    for await (const { events, cursorAfter } of feed) {
      // They were read before, and it may have ended meanwhile.
      allowed.throwIfAborted()
      yield events
        .map((event, index) => `id: ${cursorAfter(index)}\ndata: ${JSON.stringify(toEventJson(event))}\n\n`)
        .join('')
    }
    allowed.throwIfAborted()
  } catch (error) {
    const problem = problemOf(error, instance)
    if (problem.status === 500) onTrouble(`the stream ${instance} failed`, error)
    yield `event: problem\ndata: ${JSON.stringify(problem)}\n\n`
  }
}
