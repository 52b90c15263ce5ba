import { type AuditEvent, TrailError } from '@steptrail/event'
import { z } from 'zod'
import type { Database } from '../database/database.ts'
import { isConnectionTrouble } from './connection-trouble.ts'
import { eventFilterShape, type EventFilter, invalidFilter, parseFilter } from './event-filter.ts'
import { hasReached, readFeedHead } from './feed-head.ts'
import { feedCursorOf, type FeedPosition, feedPositionOf } from './feed-position.ts'
import { wholeEvents } from './feed-set.ts'
import { pause } from './pause.ts'
import { type FeedPage, readFeed } from './read-feed.ts'
import { beforeEverything } from './snapshot.ts'
import { firstIdAt, parseTimeSpan } from './time-bound.ts'

/**
 * Where a feed starts: `'now'`, with what is committed from now on; `'beginning'`, with all there is; the cursor
 * of a batch, with what comes after it; or `{ time }`, with the events of that time (ISO 8601) and later, and
 * then with all that are committed, whatever their time.
 */
export type FeedStart = 'now' | 'beginning' | (string & {}) | { readonly time: string }

/** How to follow. */
export interface FollowOptions {
  /** `'now'` unless given. */
  readonly from?: FeedStart | undefined
  /** Only these events. */
  readonly filter?: EventFilter | undefined
  /** Ends the feed. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds until the next look when the last brought nothing, 100 unless given; a fifth of it when it brought some. */
  readonly pollIntervalMs?: number | undefined
  /** Events in a batch at most; 1000 unless given. */
  readonly batchSize?: number | undefined
  /** Told of each failure to reach the database, before it is tried again. */
  readonly onTrouble?: ((trouble: FeedTrouble) => void) | undefined
}

/** The database could not be reached; the feed goes on from where it was. */
export interface FeedTrouble {
  readonly error: unknown
  /** 1 for the first failure in a row. */
  readonly attempt: number
  readonly retryInMs: number
}

/** Some events, never none, and the cursor with which to go on after them. */
export interface FeedBatch {
  readonly events: readonly AuditEvent[]
  readonly cursor: string
  /** The cursor after one of the events, by its index, for who takes them one by one. */
  readonly cursorAfter: (index: number) => string
}

/**
 * Every event that is committed after a start, each exactly once, the events of an execution in the order of
 * their sequence. It waits for no transaction: an event that commits late comes late, and the others do not
 * wait for it. It runs until the signal aborts or the loop is left.
 *
 * A lost connection does not end it: it tries again, after 100 ms at first and 5 s at most, and goes on without
 * loss or repetition. Who stores the cursor of each batch together with what the batch led to can go on after
 * a crash in the same way. Of a dump that was restored into a server on which fewer transactions have been, an event may
 * come once more, when the transactions of that server reach those it was recorded by: it is known by its id. On a standby, events come when every transaction older than theirs has ended.
 *
 * @throws TrailError `feed_generation_changed` when the database was restored or moved, `invalid_cursor`,
 *   `invalid_filter`; and whatever the database refuses
 */
export async function* follow(
  database: Database,
  options: FollowOptions = {},
): AsyncGenerator<FeedBatch, void, undefined> {
  const settings = settingsOf(options)
  const { signal, pollIntervalMs } = settings
  let position = await reaching(() => startOf(database, settings.from), settings)
  while (position !== null && !signal.aborted) {
    const from = position
    const page: FeedPage | null = await reaching(() => readFeed(database, from, settings), settings)
    if (page === null) return
    position = page.position
    if (page.events.length > 0) yield batchOf(page)
    if (!page.isFull) await pause(page.events.length > 0 ? pollIntervalMs / 5 : pollIntervalMs, signal)
  }
}

function batchOf({ events, position, positionAfter }: FeedPage): FeedBatch {
  const cursor = feedCursorOf(position)
  return {
    events,
    cursor,
    cursorAfter: (index) => {
      const event = events[index]
      return event && index < events.length - 1 ? feedCursorOf(positionAfter(event)) : cursor
    },
  }
}

/**
 * The cursor of a start, for who wants to fix it before following: take the cursor, list what is there, then
 * follow from the cursor, and nothing is missed in between. A cursor that is given comes back, if it means something
 * here.
 *
 * @throws TrailError `feed_generation_changed`, `invalid_cursor`, `invalid_filter`
 */
export async function feedCursor(database: Database, from: FeedStart): Promise<string> {
  const position = await startOf(database, from)
  if (typeof from === 'string') hasReached(await readFeedHead(database.query), position)
  return feedCursorOf(position)
}

type Settings = ReturnType<typeof settingsOf>

const smallSet = 2000

function settingsOf(options: FollowOptions) {
  const { from = 'now', signal = new AbortController().signal, onTrouble } = options
  return {
    from,
    signal,
    onTrouble,
    filter: parseFilter(options.filter ?? {}, filterSchema),
    pollIntervalMs: wholeNumber('pollIntervalMs', options.pollIntervalMs ?? 100, 60_000),
    batchSize: wholeNumber('batchSize', options.batchSize ?? 1000, 10_000),
    smallSet,
    projection: wholeEvents,
  }
}

const filterSchema = z.strictObject(eventFilterShape)

function wholeNumber(option: string, value: number, max: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= max) return value
  throw new TrailError(
    'invalid_configuration',
    `${option} is ${value}: give a whole number from 1 to ${max}`,
    {
      details: { option, value },
    },
  )
}

async function startOf(database: Database, from: FeedStart): Promise<FeedPosition> {
  if (typeof from === 'string' && from !== 'now' && from !== 'beginning') return feedPositionOf(from)
  const after = typeof from === 'string' ? null : beforeTime(from.time)
  const head = await readFeedHead(database.query)
  return {
    generation: head.generation,
    from: from === 'now' ? head.snapshot : beforeEverything,
    to: null,
    after,
  }
}

function beforeTime(time: string): string {
  const span = parseTimeSpan(time)
  if (!span) throw invalidFilter('from', time, 'is no time in ISO 8601, such as 2025-11-04T10:00:00Z')
  return firstIdAt(span.fromMs)
}

const firstDelayMs = 100
const longestDelayMs = 5000

/** What `work` gives, tried until the database is reached; null when the signal aborts before. */
async function reaching<T>(work: () => Promise<T>, { signal, onTrouble }: Settings): Promise<T | null> {
  for (let attempt = 1; !signal.aborted; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (!isConnectionTrouble(error)) throw error
      const retryInMs = Math.min(longestDelayMs, firstDelayMs * 2 ** (attempt - 1))
      onTrouble?.({ error, attempt, retryInMs })
      await pause(retryInMs, signal)
    }
  }
  return null
}
