import type { Connection } from '../connection/connection.ts'
import {
  type Event,
  type EventExportQuery,
  type EventList,
  type EventListQuery,
  eventListSchema,
} from '../messages/index.ts'
import { type FollowedEvent, followEvents, type FollowEventsOptions } from '../stream/follow-events.ts'
import { itemsOf } from './pages.ts'
import type { RequestOptions } from './request-options.ts'

/** What may be asked of lists of events: the parameters of the API under their own names. */
export interface EventQuery extends Omit<EventListQuery, 'limit' | 'offset' | 'include_total'> {
  /** Events on a page, 1 to 1,000; 100 unless given. */
  readonly limit?: number | undefined
  /** Events to skip. */
  readonly offset?: number | undefined
  /** Whether all that match are counted as well. */
  readonly include_total?: boolean | undefined
}

/** Reads of events over HTTP. Each method rejects with a `TrailError` that has the code of the server's problem. */
export class EventApi {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** One page, the newest event first unless asked otherwise. */
  async list(query: EventQuery = {}, { signal }: RequestOptions = {}): Promise<EventList> {
    const asked = { method: 'GET', path: '/api/v1/audit/events', query: { ...query }, signal } as const
    return await this.#connection.json(asked, eventListSchema)
  }

  /** Every event that matches, page after page. */
  all(
    query: Omit<EventQuery, 'cursor'> = {},
    options: RequestOptions = {},
  ): AsyncGenerator<Event, void, undefined> {
    return itemsOf(async (cursor) => {
      // The offset is that of the first page, from which the cursor goes on.
      const { offset, ...others } = query
      const page = await this.list(
        { ...others, ...(cursor === undefined ? { offset } : { cursor }) },
        options,
      )
      return { items: page.events, nextCursor: page.next_cursor }
    })
  }

  /**
   * Events as they are committed, from now on unless told otherwise. It goes on after a broken connection by itself, with
   * each event once; `signal` ends it.
   *
   * @throws TrailError what the server refuses for good: a filter, a key, a place to go on from
   */
  follow(options: FollowEventsOptions = {}): AsyncGenerator<FollowedEvent, void, undefined> {
    return followEvents(this.#connection, options)
  }

  /**
   * All events that match, as CSV, NDJSON or Parquet, as a stream of bytes. Its end, the last line or the metadata of the
   * file, has their number and the SHA-256 of all bytes before it: without it the export is not whole.
   */
  async export(
    query: EventExportQuery,
    { signal }: RequestOptions = {},
  ): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    const path = '/api/v1/audit/events/export'
    const { body } = await this.#connection.open({ method: 'GET', path, query: { ...query }, signal })
    return body ?? new Blob([]).stream()
  }
}
