import { type AuditEvent, fromEventRow } from '@steptrail/event'
import { type Expression, expressionBuilder, sql, type SqlBool } from 'kysely'
import type { Database, Query } from '../database/database.ts'
import { compose, fetchRows, type ReadTables } from './compose.ts'
import { type EventFilter, eventsThatMatch } from './event-filter.ts'
import { hasReached, readFeedHead, snapshotOf } from './feed-head.ts'
import type { FeedPosition } from './feed-position.ts'
import { recordColumns } from './list-events.ts'
import { orderedEnd } from './standby-feed.ts'

/** What a read of the feed gave. */
export interface FeedPage {
  readonly events: readonly AuditEvent[]
  /** The position after them. */
  readonly position: FeedPosition
  /** Whether there was more to read at once. */
  readonly isFull: boolean
}

/** Which events of the feed, and how many at a time. */
export interface FeedReadOptions {
  readonly filter: EventFilter
  readonly batchSize: number
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
export function readFeed(
  database: Database,
  position: FeedPosition,
  options: FeedReadOptions,
): Promise<FeedPage> {
  return database.transaction(
    async (tx) => {
      const head = await readFeedHead(tx)
      if (!hasReached(head, position)) return { events: [], position, isFull: false }
      const to = position.to ?? (head.isStandby ? await orderedEnd(tx, head, position) : head.snapshot)
      return readSet(tx, { ...position, to }, options)
    },
    { isolation: 'repeatable read', readOnly: true },
  )
}

async function readSet(
  tx: Query,
  position: FeedPosition & { readonly to: string },
  { filter, batchSize }: FeedReadOptions,
): Promise<FeedPage> {
  const done: FeedPosition = { ...position, from: position.to, to: null, after: null }
  if (position.from === position.to) return { events: [], position: done, isFull: false }
  let statement = compose
    .selectFrom('audit_event')
    .select(recordColumns)
    .where(committedBetween(position.from, position.to))
    .where(eventsThatMatch(filter))
    .orderBy('id')
    .limit(batchSize)
  if (position.after !== null) statement = statement.where('id', '>', position.after)
  const events = (await fetchRows({ query: tx }, statement)).map(fromEventRow)
  const last = events.at(-1)
  const isFull = last !== undefined && events.length === batchSize
  return { events, position: isFull ? { ...position, after: last.id } : done, isFull }
}

/** The events of transactions that had not ended at the one snapshot, and had at the other. */
export function committedBetween(from: string, to: string): Expression<SqlBool> {
  const eb = expressionBuilder<ReadTables, 'audit_event'>()
  const [earlier, later] = [snapshotOf(from), snapshotOf(to)]
  const since = sql<SqlBool>`tx >= ${String(earlier.xmax)}::bigint`
  const inProgressBefore = sql<SqlBool>`tx = any(${earlier.inProgress.map(String)}::bigint[])`
  const until = sql<SqlBool>`tx < ${String(later.xmax)}::bigint`
  const inProgressStill = sql<SqlBool>`tx = any(${later.inProgress.map(String)}::bigint[])`
  return eb.and([
    earlier.inProgress.length === 0 ? since : eb.or([since, inProgressBefore]),
    until,
    ...(later.inProgress.length === 0 ? [] : [eb.not(inProgressStill)]),
  ])
}
