import { TrailError } from '@steptrail/event'
import type { Database } from '../database/database.ts'
import { readFeedHead } from './feed-head.ts'
import { feedCursorOf, type FeedPosition, feedPositionOf } from './feed-position.ts'
import type { FeedProjection } from './feed-set.ts'
import { readFeed } from './read-feed.ts'
import { beforeEverything } from './snapshot.ts'

/** What to read of the feed next. */
export interface FeedRowsRequest<Item> {
  /** The `cursor` of what was read before; null to begin with the first event. */
  readonly cursor: string | null
  readonly projection: FeedProjection<Item>
  /** A condition on `audit_event` that tells, on the way from the first event, which are still to be read. */
  readonly whileCatchingUp: string
  /** Events to read at most. */
  readonly batchSize: number
}

/** What a read gave. */
export interface FeedRows<Item> {
  readonly items: readonly Item[]
  /** Where to go on. */
  readonly cursor: string
  /** Whether there may be more to read at once. */
  readonly isFull: boolean
  /** Whether the read was on the way from the first event: then keep the cursor even of one that gave nothing. */
  readonly isCatchingUp: boolean
}

/**
 * One read of the feed that `follow` follows, for who keeps its own cursor and wants other columns. Every event is
 * read once, whichever order transactions commit in.
 *
 * @throws TrailError `feed_generation_changed` when the database was restored or moved: then begin with null
 */
export async function readFeedRows<Item>(
  database: Database,
  { cursor, projection, whileCatchingUp, batchSize }: FeedRowsRequest<Item>,
): Promise<FeedRows<Item>> {
  const position = cursor === null ? await firstPosition(database) : feedPositionOf(cursor)
  const isCatchingUp = position.from === beforeEverything
  const page = await readFeed(database, position, {
    filter: {},
    batchSize,
    smallSet: 1000,
    projection: isCatchingUp ? { ...projection, condition: whileCatchingUp } : projection,
  })
  return { items: page.events, cursor: feedCursorOf(page.position), isFull: page.isFull, isCatchingUp }
}

async function firstPosition(database: Database): Promise<FeedPosition> {
  const { generation } = await readFeedHead(database.query)
  return { generation, from: beforeEverything, to: null, after: null }
}

/**
 * The snapshot (`pg_snapshot` as text) of which a cursor has everything; null when it does not belong to the database
 * as it is now, is on its way from the first event, or is no cursor.
 */
export async function snapshotOfCursor(database: Database, cursor: string): Promise<string | null> {
  const position = positionIn(cursor)
  if (position === null) return null
  const { generation, from } = position
  const head = await readFeedHead(database.query)
  return head.generation === generation && from !== beforeEverything ? from : null
}

function positionIn(cursor: string): FeedPosition | null {
  try {
    return feedPositionOf(cursor)
  } catch (error) {
    if (error instanceof TrailError && error.code === 'invalid_cursor') return null
    throw error
  }
}
