import { type AuditEvent, eventColumns } from '@steptrail/event'
import { quoteIdentifier } from '../database/identifier.ts'
import { type CommittedPartitions, partitionsOf } from '../partition/ensure-partitions.ts'

/**
 * One statement in the caller's transaction, whatever the driver: node-postgres, PGlite, postgres.js, Drizzle and
 * Prisma all fit. Only text is bound, and only text is read from the rows.
 */
export type TransactionQuery = (
  text: string,
  values: unknown[],
) => Promise<{ readonly rows: readonly unknown[] }>

/** An event to write. A column without a value takes its default, or is null. */
export type EventToWrite = Pick<AuditEvent, 'id' | 'timestamp' | 'eventType' | 'entityType'> &
  Partial<Omit<AuditEvent, 'recordedAt' | 'salt'>>

/** Where the trail's tables are. */
export interface TablePlace {
  /** The schema, for a `tx` whose search path does not begin with it. */
  readonly schema?: string | undefined
  /** Partitions that are known to be there; the database is asked for the others. */
  readonly committed?: CommittedPartitions | undefined
}

/** What stands before the name of a table or function in that place. */
export const prefixOf = ({ schema }: TablePlace): string =>
  schema === undefined ? '' : `${quoteIdentifier(schema)}.`

/**
 * Writes events in one statement, and makes the partitions they need. It checks nothing: this is for writers that
 * hold the execution's lock and have given out its numbers. An id that is on record already fails the
 * transaction.
 */
export async function insertEvents(
  tx: TransactionQuery,
  events: readonly EventToWrite[],
  place: TablePlace = {},
): Promise<void> {
  await insert(tx, { events, place, onConflict: '' })
}

/** Writes events as `insertEvents` does, but leaves out those whose id is on record; returns the ids written. */
export async function insertUnknownEvents(
  tx: TransactionQuery,
  events: readonly EventToWrite[],
  place: TablePlace = {},
): Promise<ReadonlySet<string>> {
  const rows = await insert(tx, { events, place, onConflict: 'on conflict (id, timestamp) do nothing' })
  return new Set(rows.map((row) => (row as { readonly id: string }).id))
}

interface Insert {
  readonly events: readonly EventToWrite[]
  readonly place: TablePlace
  readonly onConflict: '' | 'on conflict (id, timestamp) do nothing'
}

async function insert(
  tx: TransactionQuery,
  { events, place, onConflict }: Insert,
): Promise<readonly unknown[]> {
  if (events.length === 0) return []
  const prefix = prefixOf(place)
  await ensurePartitionsOf(tx, events, place)
  const { rows } = await tx(`${insertEventsOf('$1', prefix)}\n${onConflict}\nreturning id::text as id`, [
    JSON.stringify(eventRows(events)),
  ])
  return rows
}

/** The statement that inserts the rows given with a parameter, as `eventRows` makes them, in JSON. */
export const insertEventsOf = (parameter: `$${number}`, prefix = ''): string =>
  `insert into ${prefix}audit_event (${names})
select ${names}
from json_to_recordset(${parameter}::text::json) as event(${definitions})`

/** The events by column; what is null is left out. */
export const eventRows = (events: readonly EventToWrite[]): readonly object[] => events.map(rowOf)

/** A statement of its own: a table cannot get a partition while a statement that writes to it runs. */
async function ensurePartitionsOf(
  tx: TransactionQuery,
  events: readonly EventToWrite[],
  place: TablePlace,
): Promise<void> {
  const wanted = partitionsOf(
    'audit_event',
    events.map(({ timestamp }) => timestamp),
  ).filter((month) => place.committed?.has(month) !== true)
  if (wanted.length === 0) return
  const prefix = prefixOf(place)
  const missing = await missingOf(tx, JSON.stringify(wanted.map(({ month }) => month)), prefix)
  if (missing.length > 0) await makePartitions(tx, JSON.stringify(missing), prefix)
}

/** Mostly none: to look is less than to have them made. */
async function missingOf(tx: TransactionQuery, months: string, prefix: string): Promise<readonly string[]> {
  const { rows } = await tx(
    `select month
from json_array_elements_text($1::text::json) as month
where not exists (
  select
  from pg_catalog.pg_class
  where oid = to_regclass('${tableIn(prefix)}_' || replace(month, '-', '_'))
    and relispartition
)`,
    [months],
  )
  return rows.map((row) => (row as { readonly month: string }).month)
}

/**
 * The database reads the bounds of a month from what it has written itself, and it writes other than ISO dates with an
 * abbreviation of the time zone, such as CST, which need not be that of the session when it is read. So dates are ISO
 * meanwhile, and then again as the caller has them.
 */
async function makePartitions(tx: TransactionQuery, months: string, prefix: string): Promise<void> {
  const { rows } = await tx(`select current_setting('DateStyle') as style`, [])
  const [{ style }] = rows as readonly [{ readonly style: string }]
  await tx(`select set_config('DateStyle', 'ISO', true) as style`, [])
  await tx(
    `select ${prefix}ensure_partition('${tableIn(prefix)}', (month || '-01T00:00:00Z')::timestamptz)
from json_array_elements_text($1::text::json) as month`,
    [months],
  )
  await tx(`select set_config('DateStyle', $1, true) as style`, [style])
}

/** The table's name in a literal. */
const tableIn = (prefix: string): string => `${prefix.replaceAll("'", "''")}audit_event`

/** `recorded_at` and `salt` are the database's to give. */
const columns = eventColumns.filter(({ key }) => key !== 'recordedAt' && key !== 'salt')
const names = columns.map(({ column }) => column).join(', ')
const definitions = columns.map(({ column, type }) => `${column} ${type}`).join(', ')

const defaults = { severity: 'info', tenant: 'default', schemaVersion: 1 } as const

function rowOf(event: EventToWrite): object {
  const complete: Partial<AuditEvent> = { ...defaults, ...event }
  return Object.fromEntries(columns.map(({ key, column }) => [column, complete[key] ?? undefined]))
}
