import { eventListQuerySchema, eventListSchema } from '@steptrail/client/messages'
import { countEvents, type EventListRequest, listEvents } from '@steptrail/core'
import { toEventJson, TrailError } from '@steptrail/event'
import { defineEndpoint, type Endpoint } from '../endpoint/endpoint.ts'
import { eventFilterOf } from './event-filters.ts'
import { pageCursor, readPageCursor, windowOf } from './event-window.ts'

/** `GET /api/v1/audit/events`. */
export const listEventsEndpoint = (): Endpoint =>
  defineEndpoint({
    method: 'get',
    path: '/api/v1/audit/events',
    tag: 'events',
    scope: 'read',
    shows: true,
    mayLag: true,
    summary: 'List events',
    description:
      'Without a time: those of the last 7 days, unless execution_id or correlation_id is given. The window of the ' +
      'answer says which time was looked at.',
    query: eventListQuerySchema,
    answer: {
      schema: eventListSchema,
      description: 'One page, the newest event first unless asked otherwise.',
    },
    handle: async ({ query, reader }) => {
      const { cursor, include_total, order, limit, offset, ...filters } = query
      const page = cursor === undefined ? null : readPageCursor(cursor)
      const window = page ? sameWindow(page.window, filters) : windowOf(filters, Date.now())
      const request: EventListRequest = {
        ...eventFilterOf(filters),
        startDate: window.start_date ?? undefined,
        endDate: window.end_date ?? undefined,
      }
      const { items, nextCursor } = await listEvents(reader, {
        ...request,
        order,
        limit,
        offset,
        cursor: page?.after,
      })
      return {
        events: items.map(toEventJson),
        window,
        next_cursor: nextCursor === null ? null : pageCursor(window, nextCursor),
        ...(include_total === true && { total: await countEvents(reader, request) }),
      }
    },
  })

/** A page goes on with the time of the first; another one with the same cursor is a mistake. */
function sameWindow(
  window: ReturnType<typeof readPageCursor>['window'],
  given: { readonly start_date?: string | undefined; readonly end_date?: string | undefined },
) {
  for (const parameter of ['start_date', 'end_date'] as const) {
    const value = given[parameter]
    if (value !== undefined && value !== window[parameter])
      throw new TrailError(
        'invalid_filter',
        `the parameter ${parameter} (${JSON.stringify(value)}) is not that of the page before: repeat it, or start without a cursor`,
        { details: { parameter } },
      )
  }
  return window
}
