import type { AuditEvent } from '@steptrail/event'
import type { Database } from '../database/database.ts'
import type { EventFilter } from './event-filter.ts'
import { hasReached, readFeedHead } from './feed-head.ts'
import type { FeedPosition } from './feed-position.ts'
import { type FeedProjection, readSet, type SetReading } from './feed-set.ts'
import { orderedEnd } from './standby-feed.ts'

/** What a read of the feed gave. */
export interface FeedPage<Item = AuditEvent> {
  readonly events: readonly Item[]
  /** The position after them. */
  readonly position: FeedPosition
  /** The position after one of them. */
  readonly positionAfter: (event: AuditEvent) => FeedPosition
  /** Whether there may be more to read at once: of this set, or of a later one when this one was begun earlier. */
  readonly isFull: boolean
}

/** Which events of the feed, and how to read them. */
export interface FeedReading<Item = AuditEvent> extends SetReading {
  readonly filter: EventFilter
  readonly projection: FeedProjection<Item>
}

/**
 * Reads what comes next after a position.
 *
 * The unit is the set of events that were committed between two snapshots. Since events are never changed, such
 * a set never changes either, so it can be read page by page without holding a transaction: in the order of
 * ids, which within an execution is that of the sequence (timestamps, with which ids begin, strictly increase
 * with it). A later set holds no earlier number of an execution: its row is locked from the moment a number is
 * given out until it is committed, so whatever snapshot sees a number sees all before it.
 *
 * @throws TrailError `feed_generation_changed`
 */
export function readFeed<Item>(
  database: Database,
  position: FeedPosition,
  { filter, ...reading }: FeedReading<Item>,
): Promise<FeedPage<Item>> {
  return database.transaction(
    async (tx) => {
      const head = await readFeedHead(tx)
      if (!hasReached(head, position))
        return { events: [], position, positionAfter: () => position, isFull: false }
      const { from, after } = position
      const to = position.to ?? (head.isStandby ? await orderedEnd(tx, head, position) : head.snapshot)
      const read = from === to ? [] : await readSet(tx, { from, to, after, filter }, reading)
      const last = read.at(-1)
      const isFull = last !== undefined && read.length === reading.batchSize
      return {
        events: read,
        isFull: isFull || position.to !== null,
        positionAfter: ({ id }) => ({ ...position, to, after: id }),
        position: isFull
          ? { ...position, to, after: reading.projection.idOf(last) }
          : { ...position, from: to, to: null, after: null },
      }
    },
    { isolation: 'repeatable read', readOnly: true },
  )
}
