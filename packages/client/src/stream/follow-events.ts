import { TrailError } from '@steptrail/event'
import { answerProblem, jsonOf, unreachable } from '../connection/answer-error.ts'
import { checkedAnswer } from '../connection/checked-answer.ts'
import type { Connection } from '../connection/connection.ts'
import { type Event, eventSchema } from '../messages/event.ts'
import type { EventStreamQuery } from '../messages/event-query.ts'
import { problemSchema } from '../messages/problem.ts'
import { pause } from './pause.ts'
import { readMessages } from './read-messages.ts'
import type { SseMessage } from './sse-parser.ts'

/** An event, and with what to go on after it, as `from`, also in another process. */
export interface FollowedEvent {
  readonly event: Event
  readonly cursor: string
}

/** The stream broke, or could not be had; it is tried again. */
export interface FollowTrouble {
  readonly error: unknown
  /** 1 for the first failure in a row. */
  readonly attempt: number
  readonly retryInMs: number
}

/** What is followed, and how: the parameters of the API under their own names, and what is the client's affair. */
export interface FollowEventsOptions extends EventStreamQuery {
  /** Ends it. */
  readonly signal?: AbortSignal | undefined
  /** A stream on which nothing has come for so long is broken, in milliseconds. The server says something every 15 s. Default 60,000. */
  readonly silenceMs?: number | undefined
  /** The wait before the first try to go on, in milliseconds, doubled after each further one. Default 1,000. */
  readonly retryMinMs?: number | undefined
  /** The longest wait between two tries, in milliseconds. Default 30,000. */
  readonly retryMaxMs?: number | undefined
  /** Told of each failure before it is tried again. Default: nobody. */
  readonly onTrouble?: ((trouble: FollowTrouble) => void) | undefined
}

/** See `EventApi.follow`. */
export async function* followEvents(
  connection: Connection,
  options: FollowEventsOptions,
): AsyncGenerator<FollowedEvent, void, undefined> {
  const {
    signal,
    silenceMs = 60_000,
    retryMinMs = 1_000,
    retryMaxMs = 30_000,
    onTrouble,
    from,
    ...filters
  } = options
  const place: Place = { cursor: undefined }
  for (let attempt = 1; !hasEnded(signal); attempt += 1) {
    const since = place.cursor
    let error: unknown
    try {
      const query = { ...filters, ...(since === undefined && { from }) }
      yield* eventsFrom(connection, { query, place, signal, silenceMs })
      error = unreachable('the server has ended the stream', {})
    } catch (cause) {
      if (hasEnded(signal)) return
      if (!isPassing(cause)) throw cause
      error = cause
    }
    if (place.cursor !== since) attempt = 1
    const retryInMs = waitMs(error, Math.min(retryMaxMs, retryMinMs * 2 ** Math.min(attempt - 1, 30)))
    onTrouble?.({ error, attempt, retryInMs })
    await pause(retryInMs, signal)
  }
}

const hasEnded = (signal: AbortSignal | undefined): boolean => signal?.aborted === true

/** How far it has come: undefined until the stream has said it. */
interface Place {
  cursor: string | undefined
}

interface Stretch {
  readonly query: EventStreamQuery
  readonly place: Place
  readonly signal: AbortSignal | undefined
  readonly silenceMs: number
}

/** The events of one connection. */
async function* eventsFrom(
  connection: Connection,
  { query, place, signal, silenceMs }: Stretch,
): AsyncGenerator<FollowedEvent, void, undefined> {
  const hangUp = new AbortController()
  const either = signal ? AbortSignal.any([signal, hangUp.signal]) : hangUp.signal
  const path = '/api/v1/audit/events/stream'
  const headers = { ...(place.cursor !== undefined && { 'last-event-id': place.cursor }) }
  try {
    const response = await connection.open({
      method: 'GET',
      path,
      query: { ...query },
      headers,
      signal: either,
    })
    for await (const read of readMessages(response, { silenceMs, hangUp })) {
      for (const message of read.messages) {
        const event = eventOf(message)
        place.cursor = message.id
        yield { event, cursor: message.id ?? '' }
      }
      place.cursor = read.cursor ?? place.cursor
    }
  } finally {
    hangUp.abort()
  }
}

/** The event of a message; throws the problem that the server tells in place of one. */
function eventOf({ kind, data }: SseMessage): Event {
  const value = jsonOf(data)
  if (kind !== 'problem') return checkedAnswer(value, eventSchema, 'GET /api/v1/audit/events/stream')
  throw answerProblem(checkedAnswer(value, problemSchema, 'GET /api/v1/audit/events/stream'), {})
}

/** Whether the same may go well another time: nothing answered, too much was asked, or the server is in trouble. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof TrailError)) return true
  const { status } = error.details
  if (error.code === 'server_unreachable' && typeof status !== 'number') return true
  return typeof status === 'number' && (status === 408 || status === 429 || status >= 500)
}

/** Half of it for certain, the other half by chance; at least what the server asks for. */
function waitMs(error: unknown, wholeMs: number): number {
  const asked = error instanceof TrailError ? error.details['retryAfterMs'] : undefined
  const ownMs = wholeMs / 2 + (wholeMs / 2) * Math.random()
  return Math.round(Math.max(typeof asked === 'number' ? asked : 0, ownMs))
}
