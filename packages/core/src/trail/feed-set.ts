import { type AuditEvent, type EventRow, fromEventRow } from '@steptrail/event'
import { type Expression, expressionBuilder, sql, type SqlBool } from 'kysely'
import type { Query } from '../database/database.ts'
import { compose, fetchRows, type ReadTables } from './compose.ts'
import { type EventFilter, eventsThatMatch } from './event-filter.ts'
import { snapshotOf } from './feed-head.ts'
import { recordColumns } from './list-events.ts'
import { beforeEverything } from './snapshot.ts'

/** What is left of the events that were committed between two snapshots and match a filter. */
export interface FeedSet {
  readonly from: string
  readonly to: string
  /** The last id that has been read; null when none has. */
  readonly after: string | null
  readonly filter: EventFilter
}

/** How much to read, and how. */
export interface SetReading {
  /** Events to read at most. */
  readonly batchSize: number
  /** Up to so many events a set is found by its transactions and sorted; a larger one is walked through by id. */
  readonly smallSet: number
}

/**
 * The next events of a set, in the order of ids.
 *
 * Either way alone has a case in which it is slow: sorting a large set for each page, and walking through years
 * of other events to the few of a small one.
 */
export async function readSet(
  tx: Query,
  set: FeedSet,
  { batchSize, smallSet }: SetReading,
): Promise<readonly AuditEvent[]> {
  const rows =
    (await sortSmallSet(tx, set, { batchSize, smallSet })) ?? (await walkLargeSet(tx, set, batchSize))
  return rows.map(fromEventRow)
}

/** Null when the set is not small. */
async function sortSmallSet(
  tx: Query,
  set: FeedSet,
  { batchSize, smallSet }: SetReading,
): Promise<readonly EventRow[] | null> {
  const statement = compose
    .with(
      (name) => name('fresh').materialized(),
      (db) =>
        db
          .selectFrom('audit_event')
          .select(recordColumns)
          .where(isIn(set))
          .limit(smallSet + 1),
    )
    .selectFrom('fresh')
    .select(recordColumns)
    .select(sql<number>`count(*) over ()`.as('set_size'))
    .orderBy('id')
    .limit(batchSize)
  const rows = await fetchRows({ query: tx }, statement)
  return (rows[0]?.set_size ?? 0) > smallSet ? null : rows
}

async function walkLargeSet(tx: Query, set: FeedSet, batchSize: number): Promise<readonly EventRow[]> {
  const start = set.after === null && set.from !== beforeEverything ? await firstIdIn(tx, set) : null
  let statement = compose
    .selectFrom('audit_event')
    .select(recordColumns)
    .where(isIn(set))
    .orderBy('id')
    .limit(batchSize)
  if (start !== null) statement = statement.where('id', '>=', start)
  // Else the planner, which knows little of the newest transactions, may think the set small and sort it.
  await tx('set local enable_sort = off')
  return fetchRows({ query: tx }, statement)
}

/** Where to begin to walk, found by looking at the whole set once. */
async function firstIdIn(tx: Query, set: FeedSet): Promise<string | null> {
  const statement = compose
    .selectFrom('audit_event')
    .select(sql<string | null>`min(id::text collate "C")`.as('first'))
    .where(isIn(set))
  const [row] = await fetchRows({ query: tx }, statement)
  return row?.first ?? null
}

function isIn({ from, to, after, filter }: FeedSet): Expression<SqlBool> {
  const eb = expressionBuilder<ReadTables, 'audit_event'>()
  const conditions = [committedBetween(from, to), eventsThatMatch(filter)]
  return eb.and(after === null ? conditions : [...conditions, eb('id', '>', after)])
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
