import { TrailError } from '@steptrail/event'
import type { Query } from '../database/database.ts'
import type { FeedPosition } from './feed-position.ts'
import { isNotBefore, parseSnapshot, type Snapshot } from './snapshot.ts'

/** Where the database is now. */
export interface FeedHead {
  /** Changes when the database is restored or moved: transaction ids of another generation mean nothing here. */
  readonly generation: string
  readonly snapshot: string
  /** A standby, which may be behind the database that a cursor came from. */
  readonly isStandby: boolean
}

/**
 * Reads the head of the feed. A standby does not know which transactions are in progress, so there the snapshot
 * ends at the oldest of them.
 */
export async function readFeedHead(query: Query): Promise<FeedHead> {
  const { rows } = await query<HeadRow>(selectHead)
  const [row] = rows
  if (!row) throw new Error('the database did not say where its feed is')
  return { generation: row.generation, snapshot: row.snapshot, isStandby: row.is_standby }
}

/**
 * Whether the head has reached the position; a standby may still have to.
 *
 * @throws TrailError `feed_generation_changed` when it never will
 */
export function hasReached(head: FeedHead, position: FeedPosition): boolean {
  if (head.generation !== position.generation)
    throw generationChanged('the cursor was made by another database, or before this one was restored')
  if (isNotBefore(snapshotOf(head.snapshot), snapshotOf(position.to ?? position.from))) return true
  if (head.isStandby) return false
  throw generationChanged('the cursor is ahead of the database, which was therefore set back')
}

/** The snapshot that a text stands for which was one before. */
export function snapshotOf(text: string): Snapshot {
  const snapshot = parseSnapshot(text)
  if (snapshot) return snapshot
  throw new Error(`${text} is not a snapshot`)
}

const generationChanged = (what: string): TrailError =>
  new TrailError(
    'feed_generation_changed',
    `${what}: follow again from a time, such as { time: '2025-11-04T10:00:00Z' }, and expect events you have seen`,
  )

interface HeadRow {
  readonly generation: string
  readonly snapshot: string
  readonly is_standby: boolean
}

const selectHead = `
select feed_generation() as generation,
       pg_is_in_recovery() as is_standby,
       case
         when pg_is_in_recovery()
         then pg_snapshot_xmin(taken) || ':' || pg_snapshot_xmin(taken) || ':'
         else taken::text
       end as snapshot
from (select pg_current_snapshot() as taken) as snapshot`
