import { type AuditEvent, type EventRow, fromEventRow } from '@steptrail/event'
import { type Expression, expressionBuilder, type RawBuilder, sql, type SqlBool } from 'kysely'
import type { BinaryRow } from '../database/binary-row.ts'
import type { Query } from '../database/database.ts'
import { compose, fetchRows, type ReadTables } from './compose.ts'
import { type EventFilter, eventsThatMatch } from './event-filter.ts'
import { snapshotOf } from './feed-head.ts'
import { recordColumns } from './list-events.ts'
import { beforeEverything, type Snapshot } from './snapshot.ts'

/** What is left of the events that were committed between two snapshots and match a filter. */
export interface FeedSet {
  readonly from: string
  readonly to: string
  /** The last id that has been read; null when none has. */
  readonly after: string | null
  readonly filter: EventFilter
}

/** What is read of each event. */
export interface FeedProjection<Item> {
  /** The list after `select`, over columns of `audit_event`. */
  readonly columns: string
  /** A condition on `audit_event` beyond the filter's; none unless given. */
  readonly condition?: string
  /** `bytes`: each row is a `BinaryRow`, taken as it comes. Else it is an object. */
  readonly rowsAs?: 'bytes'
  readonly itemOf: (row: never) => Item
  /** The event's id, which tells where in a set it is. */
  readonly idOf: (item: Item) => string
}

/** Events whole. */
export const wholeEvents: FeedProjection<AuditEvent> = {
  columns: recordColumns.map((column) => `"${column}"`).join(', '),
  itemOf: (row: EventRow) => fromEventRow(row),
  idOf: ({ id }) => id,
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
export async function readSet<Item>(
  tx: Query,
  set: FeedSet,
  reading: SetReading & { readonly projection: FeedProjection<Item> },
): Promise<readonly Item[]> {
  // Who is on the way through a set has left a page of it behind, so it is mostly large, and sorting it in vain costs.
  const isLarge =
    set.after !== null &&
    ((await goesOnWithMoreThan(tx, set, reading)) || (await hasMoreThan(tx, set, reading)))
  const items = isLarge ? null : await sortSmallSet(tx, set, reading)
  return items ?? (await walkLargeSet(tx, set, reading))
}

type ProjectedReading<Item> = SetReading & { readonly projection: FeedProjection<Item> }

const selected = (columns: string): RawBuilder<unknown> => sql.raw(columns)

type CountReading = SetReading & { readonly projection: Pick<FeedProjection<never>, 'condition'> }

/**
 * Looks at the next ids alone, here as if they were the whole table: mostly they belong to the set if it is large, and
 * to count a set is to look at all of it. False says nothing.
 */
const goesOnWithMoreThan = (tx: Query, set: FeedSet, reading: CountReading): Promise<boolean> =>
  countsMoreThan(
    tx,
    sql`
with audit_event as not materialized (
  select *, xmin
  from audit_event
  where id > ${set.after}::uuid
  order by id
  limit ${2 * reading.smallSet}
)
${firstOf(set, reading)}`,
    reading,
  )

const hasMoreThan = (tx: Query, set: FeedSet, reading: CountReading): Promise<boolean> =>
  countsMoreThan(tx, firstOf(set, reading), reading)

/** Counts no more of the set than tells whether it is small. */
const firstOf = (set: FeedSet, { smallSet, projection }: CountReading): RawBuilder<unknown> => sql`
select count(*) as found
from (
  select
  from audit_event
  where ${isIn(set)} and ${selected(projection.condition ?? 'true')}
  limit ${smallSet + 1}
) as fresh`

async function countsMoreThan(
  tx: Query,
  statement: RawBuilder<unknown>,
  { smallSet }: CountReading,
): Promise<boolean> {
  const { rows } = await tx<{ readonly found: number }>(...compiled(statement))
  return (rows[0]?.found ?? 0) > smallSet
}

/** Null when the set is not small. */
async function sortSmallSet<Item>(
  tx: Query,
  set: FeedSet,
  { batchSize, smallSet, projection }: ProjectedReading<Item>,
): Promise<readonly Item[] | null> {
  const { columns, condition = 'true' } = projection
  const statement = sql`
with fresh as materialized (
  select *
  from audit_event
  where ${isIn(set)} and ${selected(condition)}
  limit ${smallSet + 1}
)
select ${selected(columns)}, (select count(*) > ${smallSet} from fresh) as is_large
from fresh
order by id
limit ${batchSize}`
  const items = await itemsOf(tx, statement, { ...projection, hasMark: true })
  return items.includes(null) ? null : (items as readonly Item[])
}

async function walkLargeSet<Item>(
  tx: Query,
  set: FeedSet,
  { batchSize, projection }: ProjectedReading<Item>,
): Promise<readonly Item[]> {
  const { columns, condition = 'true' } = projection
  const start = set.after === null && set.from !== beforeEverything ? await firstIdIn(tx, set) : null
  const statement = sql`
select ${selected(columns)}
from audit_event
where ${isIn(set)} and ${selected(condition)}
  and (${start}::uuid is null or id >= ${start}::uuid)
order by id
limit ${batchSize}`
  // Else the planner, which knows little of the newest transactions, may think the set small and sort it.
  await tx('set local enable_sort = off')
  const items = await itemsOf(tx, statement, { ...projection, hasMark: false })
  return items as readonly Item[]
}

/** Rows as items; null for those that are marked, in a column after the others, as being of a set that is not small. */
async function itemsOf<Item>(
  tx: Query,
  statement: RawBuilder<unknown>,
  projection: FeedProjection<Item> & { readonly hasMark: boolean },
): Promise<readonly (Item | null)[]> {
  const { rowsAs, itemOf, hasMark } = projection
  const [text, values] = compiled(statement)
  if (rowsAs === 'bytes') {
    const take = (row: BinaryRow): Item | null =>
      hasMark && row.isTrue(row.width - 1) ? null : itemOf(row as never)
    return (await tx<Item | null>({ text, take }, values)).rows
  }
  const { rows } = await tx<{ readonly is_large?: boolean }>(text, values)
  return rows.map((row) => (row.is_large === true ? null : itemOf(row as never)))
}

function compiled(statement: RawBuilder<unknown>): [text: string, values: readonly unknown[]] {
  const { sql: text, parameters } = statement.compile(compose)
  return [text, parameters]
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
  const before = sql<SqlBool>`tx < ${String(later.xmax)}::bigint`
  const until = from === beforeEverything ? eb.or([before, isFromElsewhere(later)]) : before
  const inProgressStill = sql<SqlBool>`tx = any(${later.inProgress.map(String)}::bigint[])`
  return eb.and([
    earlier.inProgress.length === 0 ? since : eb.or([since, inProgressBefore]),
    until,
    ...(later.inProgress.length === 0 ? [] : [eb.not(inProgressStill)]),
  ])
}

/**
 * Whether an event's transaction is one of another database, as a dump brings it along, and is still to come in this one:
 * it has not been given out yet, or was, and is later than the one that wrote the row. An event of this database is
 * written by its own transaction or a part of it, which is never earlier.
 */
const isFromElsewhere = ({ xmax }: Snapshot): RawBuilder<SqlBool> => sql`(
  tx >= ${String(xmax)}::bigint
  and (
    tx >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint
    or (xmin::text::bigint - tx) & 4294967295 >= 2147483648
  )
)`
