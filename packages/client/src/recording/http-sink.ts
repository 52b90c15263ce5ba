import { TrailError } from '@steptrail/event'
import { type OutgoingEvent, sentEvent, type Sink, type SinkOutcome } from '@steptrail/recorder'
import { unreachable } from '../connection/answer-error.ts'
import type { ConnectionOptions } from '../connection/connection-options.ts'
import { Connection } from '../connection/connection.ts'
import { type PostedEvent, recordingSchema } from '../messages/event.ts'
import { limitsSchema } from '../messages/operation.ts'
import { type RequestLimits, type RequestPart, requestParts } from './request-parts.ts'

/**
 * The sink that sends to a server. A batch goes in as many requests as the server's limits, which it asks for first,
 * make of it, and may come again whatever became of it, since the events have ids.
 *
 * Throws `batch_refused` for a request that the server, or something before it, refuses as malformed (400) or too large
 * (413), so that the recorder splits the batch; what was too large is not sent in that size again. Everything else,
 * 401, 403, 429 and 5xx among it, says nothing against the events: they are tried again, not before `Retry-After`.
 */
export const createHttpSink = (options: ConnectionOptions): Sink => httpSink(new Connection(options))

/** The same on a connection there is. */
export const httpSink = (connection: Connection): Sink => new HttpSink(connection)

/** Whatever is said about sizes, a single event of the greatest size goes through. */
const leastBytes = 64 * 1024

class HttpSink implements Sink {
  readonly #connection: Connection
  #limits: Promise<RequestLimits> | undefined
  /** What was too large for something before the server was larger than this. */
  #mostBytes = Number.POSITIVE_INFINITY

  constructor(connection: Connection) {
    this.#connection = connection
  }

  async write(batch: readonly OutgoingEvent[], signal: AbortSignal): Promise<readonly SinkOutcome[]> {
    const { events, bodyBytes } = await this.#knownLimits()
    const limits = { events, bodyBytes: Math.min(bodyBytes, this.#mostBytes) }
    const outcomes: SinkOutcome[] = []
    for (const part of requestParts(batch.map(sentEvent), limits))
      outcomes.push(...(await this.#post(part, signal)))
    return outcomes
  }

  async #knownLimits(): Promise<RequestLimits> {
    this.#limits ??= this.#askLimits()
    try {
      return await this.#limits
    } catch (error) {
      this.#limits = undefined
      throw error
    }
  }

  async #askLimits(): Promise<RequestLimits> {
    const { recording } = await this.#connection.json({ method: 'GET', path: '/api/v1/limits' }, limitsSchema)
    return recording
  }

  async #post(part: RequestPart, signal: AbortSignal): Promise<readonly SinkOutcome[]> {
    const body = `[${part.events.join(',')}]`
    const asked = { method: 'POST', path: '/api/v1/audit/events', body, signal } as const
    try {
      const { results } = await this.#connection.json(asked, recordingSchema)
      if (results.length === part.events.length) return results.map(outcomeOf)
    } catch (error) {
      throw this.#refusal(error, part) ?? error
    }
    throw unreachable(`POST ${this.#connection.url}${asked.path} was not answered for each event`, {})
  }

  /** Undefined for what says nothing against the events. */
  #refusal(error: unknown, { events, bytes }: RequestPart): TrailError | undefined {
    if (!(error instanceof TrailError)) return undefined
    const { status } = error.details
    if (status !== 400 && status !== 413) return undefined
    const isOwn = error.code !== 'server_unreachable'
    // Not our server's word: a single event is not given up for it.
    if (status === 400 && !isOwn && events.length === 1) return undefined
    // Ours has said what its limits are, and may have others since.
    if (isOwn) this.#limits = undefined
    else if (status === 413) this.#mostBytes = Math.max(leastBytes, Math.floor(bytes / 2))
    return new TrailError('batch_refused', `the server refuses it: ${error.message}`, {
      details: { events: events.length, status },
      cause: error,
    })
  }
}

function outcomeOf({ status, code, reason = 'the server gave no reason' }: PostedEvent): SinkOutcome {
  if (status !== 'rejected') return { outcome: status }
  return { outcome: code === 'event_conflict' ? 'conflict' : 'rejected', reason }
}
