import { type AuditEvent, eventColumns, fromEventRow, timestampOfUuid } from '@steptrail/event'
import { type Expression, expressionBuilder, sql, type SqlBool } from 'kysely'
import { z } from 'zod'
import { isoOf } from '../execution/instant.ts'
import { compose, fetchRows, type Reader, type ReadTables } from './compose.ts'
import {
  byIndex,
  eventFilterShape,
  type EventFilter,
  eventsThatMatch,
  invalidFilter,
  parseFilter,
} from './event-filter.ts'
import { fetchPage, type PageReader } from './fetch-page.ts'
import { readCursor, writeCursor } from './opaque-cursor.ts'
import { firstIdAt, parseTimeSpan, type TimeSpan } from './time-bound.ts'

/** Which page of which events. */
export interface EventListRequest extends EventFilter {
  /** The first instant, in ISO 8601 (UTC unless it has an offset); a date alone is the beginning of that day. */
  readonly startDate?: string | undefined
  /** The last instant; a date alone is the end of that day. */
  readonly endDate?: string | undefined
  /** By time: `desc`, the newest first, unless given. */
  readonly order?: 'asc' | 'desc' | undefined
  /** 1 to 1000; 100 unless given. */
  readonly limit?: number | undefined
  /** The `nextCursor` of the page before. */
  readonly cursor?: string | undefined
  /** Events to skip, at most 1,000,000; they are read all the same, so a cursor is cheaper, and excludes it. */
  readonly offset?: number | undefined
}

/**
 * One page. `nextCursor` is null on the last. A page of a search (`q`) may hold fewer items than its limit, or none, and
 * have a next one all the same: it looks through 2,000 events of the other filters, and the next goes on behind them.
 */
export interface EventPage {
  readonly items: readonly AuditEvent[]
  readonly nextCursor: string | null
}

/** How many items a page of any list holds, and may hold. */
export const pageLimits = { default: 100, max: 1000 } as const

/** The field `limit` of every list. */
export const limitField = z
  .int(`is not a whole number from 1 to ${pageLimits.max}`)
  .min(1, 'is less than 1')
  .max(pageLimits.max, `is more than ${pageLimits.max}`)
  .default(pageLimits.default)

/**
 * One page of events, ordered by their time and, within a millisecond, by their id. The pages of one order are
 * together what one large page would be, whatever their sizes; what is recorded meanwhile shows where it
 * belongs, if that lies ahead.
 *
 * @throws TrailError `invalid_filter` for a filter that is unknown or has a value it does not allow, and for
 *   `q` without `startDate`, `executionId` or `correlationId`; `invalid_cursor` for a cursor of another list or order
 */
export async function listEvents(reader: PageReader, request: EventListRequest = {}): Promise<EventPage> {
  const { order, limit, cursor, offset, ...filter } = parseListRequest(request)
  const after = cursor === undefined ? null : readCursor(cursor, positionSchema(order)).after
  const last =
    filter.q === undefined || offset > 0 ? null : await lastToSearch(reader, filter, { order, after })
  let statement = eventsBehind({ order, after }, filter)
    .select(recordColumns)
    .limit(sql.lit(limit + 1))
  if (offset > 0) statement = statement.offset(offset)
  if (last !== null) statement = statement.where('id', order === 'asc' ? '<=' : '>=', last)
  const isOfAll = Object.values(filter).every((value) => value === undefined)
  const name = isOfAll && offset === 0 && limit === pageLimits.default ? nameOf({ order, after }) : undefined
  const rows = await fetchPage(reader, filter, { page: statement, name })
  const items = rows.slice(0, limit).map(fromEventRow)
  const seen = rows.length > limit ? (items.at(-1)?.id ?? null) : last
  return { items, nextCursor: seen === null ? null : writeCursor({ order, after: seen }) }
}

/**
 * The page of all events is always read alike, and to plan it takes longer than to read it: a position, for which every
 * index of every month is looked at, triples that. So it is prepared.
 */
const nameOf = ({ order, after }: Position): string => `events ${order}${after === null ? '' : ' behind one'}`

/** Where a page begins: behind this id in this order, or at the beginning. */
interface Position {
  readonly order: 'asc' | 'desc'
  readonly after: string | null
}

/** The time that the id begins with spares the months before it, so that no page is slower to plan than the first. */
const eventsBehind = ({ order, after }: Position, filter: TimeFilter) => {
  const statement = compose.selectFrom('audit_event').where(eventsToPage(filter)).orderBy('id', order)
  if (after === null) return statement
  const at = isoOf(timestampOfUuid(after))
  return order === 'asc'
    ? statement.where('id', '>', after).where('timestamp', '>=', at)
    : statement.where('id', '<', after).where('timestamp', '<=', at)
}

/** How many events a page of a search looks through: none has an index, and a text takes some 10 µs an event. */
const searchedAtOnce = 2_000

/** The last event that a page of a search looks through; null where it comes to the end. */
async function lastToSearch(
  reader: PageReader,
  { q: _, ...filter }: TimeFilter,
  position: Position,
): Promise<string | null> {
  const statement = eventsBehind(position, filter)
    .select('id')
    .offset(searchedAtOnce - 1)
    .limit(1)
  const [row] = await fetchPage(reader, filter, { page: statement })
  return row?.id ?? null
}

/** How many events match the filters of a list, whatever its page. Throws as `listEvents` does. */
export async function countEvents(reader: Reader, request: EventListRequest = {}): Promise<number> {
  const statement = compose
    .selectFrom('audit_event')
    .select(sql<number>`count(*)`.as('total'))
    .where(eventsInTime(parseListRequest(request)))
  const [row] = await fetchRows(reader, statement)
  return row?.total ?? 0
}

/** A filter with the time in which events lie. */
interface TimeFilter extends EventFilter {
  readonly startDate?: TimeSpan | undefined
  readonly endDate?: TimeSpan | undefined
}

/**
 * What is read page by page: of `filter`, and with `also` what is true besides. What no index finds is better read in the
 * order of the pages, until one is full, than found and sorted. But of a month without statistics, such as one that has
 * just begun, the planner thinks that next to nothing matches; of what `coalesce` gives it thinks that half does. What
 * an index finds it must see; of that it may sort a month's beginning, until a minute later there are statistics.
 */
export function eventsToPage(
  { startDate, endDate, ...filter }: TimeFilter,
  also: readonly Expression<SqlBool>[] = [],
): Expression<SqlBool> {
  const eb = expressionBuilder<ReadTables, 'audit_event'>()
  const { indexed, others } = byIndex(filter)
  const rest = eb.and([eventsThatMatch(others), ...also])
  const hasRest = also.length > 0 || Object.values(others).some((value) => value !== undefined)
  return eb.and([
    eventsInTime({ startDate, endDate }),
    eventsThatMatch(indexed),
    ...(hasRest ? [eb.fn.coalesce(rest, sql<boolean>`false`)] : []),
  ])
}

/** The bounds twice: on the time, which spares partitions, and on the id, which leads the index. */
function eventsInTime({ startDate, endDate, ...filter }: TimeFilter): Expression<SqlBool> {
  const eb = expressionBuilder<ReadTables, 'audit_event'>()
  const conditions = [eventsThatMatch(filter)]
  if (startDate)
    conditions.push(
      eb('timestamp', '>=', isoOf(startDate.fromMs)),
      eb('id', '>=', firstIdAt(startDate.fromMs)),
    )
  if (endDate)
    conditions.push(eb('timestamp', '<', isoOf(endDate.untilMs)), eb('id', '<', firstIdAt(endDate.untilMs)))
  return eb.and(conditions)
}

/** Every column of the record, for `fromEventRow`. */
export const recordColumns = eventColumns.map(({ column }) => column)

/** A request with its defaults. Throws `invalid_filter`. */
export function parseListRequest(request: EventListRequest): z.output<typeof requestSchema> {
  const parsed = parseFilter(request, requestSchema)
  const { startDate, endDate, q, executionId, correlationId, offset, cursor } = parsed
  if (startDate && endDate && startDate.fromMs >= endDate.untilMs)
    throw invalidFilter('endDate', request.endDate, `lies before startDate (${request.startDate}): swap them`)
  if (q !== undefined && !startDate && executionId === undefined && correlationId === undefined)
    throw invalidFilter(
      'q',
      q,
      'searches every event: give a startDate, an executionId or a correlationId with it',
    )
  if (offset > 0 && cursor !== undefined)
    throw invalidFilter('offset', offset, 'skips what the cursor has passed already: give one of the two')
  return parsed
}

const timeSpan = z
  .string('is not a text')
  .transform((text, context) => {
    const span = parseTimeSpan(text)
    if (span) return span
    context.addIssue('is not ISO 8601, such as 2025-11-04 or 2025-11-04T10:00:00Z')
    return z.NEVER
  })
  .optional()

const requestSchema = z.strictObject({
  ...eventFilterShape,
  startDate: timeSpan,
  endDate: timeSpan,
  order: z.enum(['asc', 'desc'], { error: 'is none of asc, desc' }).default('desc'),
  limit: limitField,
  cursor: z.string('is not a text').optional(),
  offset: z
    .int('is not a whole number from 0 to 1000000')
    .min(0, 'is less than 0')
    .max(1_000_000, 'is more than 1000000')
    .default(0),
})

/** The year 10000: no event is so late, and no instant in ISO 8601 as the database reads it. */
const endOfTimeMs = 253_402_300_800_000

const positionSchema = (order: 'asc' | 'desc') =>
  z.strictObject({
    order: z.literal(order),
    after: z.guid().refine((id) => timestampOfUuid(id) < endOfTimeMs),
  })
