import { TrailError } from '@steptrail/event'
import type { Database, Query } from '../database/database.ts'
import { quoteIdentifier } from '../database/identifier.ts'
import { checkSchema } from '../migrate/check-schema.ts'
import { migrate } from '../migrate/migrate.ts'
import { copiedTables, type CopiedTable } from './copied-tables.ts'

/** What was moved of a table: the same on both sides. */
export interface MovedTable {
  readonly table: string
  readonly rows: number
  /** Of the content of all rows, whatever their order; in decimal. */
  readonly digest: string
}

/** How moving is told of. */
export interface MoveOptions {
  /** Told of each table before it is copied, with the rows that it has. */
  readonly onTable?: (table: string, rows: number) => void
}

const pageRows = 500
const insufficientPrivilege = '42501'

/**
 * Copies a trail whole into a database that has none: every row with its ids, times and salts, in one transaction,
 * which is committed only when counts and digests of every table are the same on both sides. The source stays as it
 * is. Transaction ids are the new database's own, so feeds start again from a time (`feed_generation_changed`). The
 * target's user must be a superuser, since triggers must not record what is on record already.
 *
 * @throws TrailError `invalid_input` when the target has history, or the copy is not the same;
 *   `insufficient_privilege`; and what `checkSchema` and `migrate` throw
 */
export async function moveTrail(
  from: Database,
  to: Database,
  { onTable = () => undefined }: MoveOptions = {},
): Promise<readonly MovedTable[]> {
  await checkSchema(from)
  await migrate(to)
  return await from.transaction(
    (source) => to.transaction((target) => copyAll({ source, target, name: to.name }, onTable)),
    { isolation: 'repeatable read', readOnly: true },
  )
}

/**
 * How many events the source has beyond those that were moved: what was recorded while they were copied, or since, is not
 * in the copy.
 */
export async function eventsNotMoved(from: Database, moved: readonly MovedTable[]): Promise<number> {
  const { rows } = await from.query<{ count: number }>('select count(*) from audit_event')
  const copied = moved.find(({ table }) => table === 'audit_event')?.rows ?? 0
  return Math.max(0, (rows[0]?.count ?? 0) - copied)
}

interface Move {
  readonly source: Query
  readonly target: Query
  /** Of the target. */
  readonly name: string
}

async function copyAll(
  move: Move,
  onTable: NonNullable<MoveOptions['onTable']>,
): Promise<readonly MovedTable[]> {
  const { source, target, name } = move
  const tables = await copiedTables(source)
  for (const table of tables) await requireEmpty(target, table, name)
  await withoutTriggers(target)
  // Before the list of closed months is copied, which take no more partitions.
  for (const table of tables) await makePartitions(move, table)
  const moved: MovedTable[] = []
  for (const table of tables) {
    const before = await stateOf(source, table)
    onTable(table.name, before.rows)
    await copyTable(move, table)
    requireSame(before, await stateOf(target, table))
    moved.push(before)
  }
  await closeMonths(target)
  await goOnCounting(move)
  return moved
}

async function requireEmpty(target: Query, table: CopiedTable, name: string): Promise<void> {
  const { rows } = await target(`select 1 from ${quoteIdentifier(table.name)} limit 1`)
  if (rows.length === 0) return
  throw new TrailError(
    'invalid_input',
    `${name} has history already (rows in ${table.name}), and nothing was moved: give a database without, or another schema`,
    { details: { path: table.name } },
  )
}

async function withoutTriggers(target: Query): Promise<void> {
  try {
    await target('set local session_replication_role = replica')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === insufficientPrivilege)) throw error
    throw new TrailError(
      'insufficient_privilege',
      'only a superuser may move a trail into a database: connect as one, for this once',
      { cause: error },
    )
  }
}

/** A sum of hashes: it needs no order, and no memory. */
async function stateOf(query: Query, { name, columns }: CopiedTable): Promise<MovedTable> {
  const { rows } = await query<{ rows: number; digest: string }>(
    `select count(*) as rows,
            coalesce(sum(('x' || left(md5(row_to_json(row)::text), 15))::bit(60)::bigint), 0)::text as digest
     from (select ${columns} from ${quoteIdentifier(name)}) as row`,
  )
  const { rows: count = 0, digest = '0' } = rows[0] ?? {}
  return { table: name, rows: count, digest }
}

async function makePartitions({ source, target }: Move, { name, partitionedBy }: CopiedTable): Promise<void> {
  if (partitionedBy === null) return
  const time = quoteIdentifier(partitionedBy)
  const { rows } = await source<{ month: string }>(
    `select distinct date_trunc('month', ${time})::text as month from ${quoteIdentifier(name)}`,
  )
  for (const { month } of rows)
    await target('select ensure_partition($1::text::regclass, $2::text::timestamptz)', [name, month])
}

async function copyTable({ source, target }: Move, { name, columns }: CopiedTable): Promise<void> {
  const table = quoteIdentifier(name)
  await source(
    `declare moving no scroll cursor for
     select row_to_json(row)::text as json from (select ${columns} from ${table}) as row`,
  )
  for (;;) {
    const { rows } = await source<{ json: string }>(`fetch ${pageRows} from moving`)
    if (rows.length === 0) break
    await target(
      `insert into ${table} (${columns})
       select ${columns} from json_populate_recordset(null::${table}, $1::text::json)`,
      [`[${rows.map(({ json }) => json).join(',')}]`],
    )
  }
  await source('close moving')
}

/** Of months that retention has closed it may have kept something, and they take no more all the same. */
async function closeMonths(target: Query): Promise<void> {
  await target(
    `select retention_close(table_name::regclass, month)
     from retention_closed_month
     where to_regclass(table_name || to_char(month, '"_"YYYY"_"MM')) is not null`,
  )
}

/**
 * What has been read of a catalogue is known by its revision, also to a server whose connections lead to the copy from one
 * moment to the next: no revision of the copy may be one that the source has had.
 */
async function goOnCounting({ source, target }: Move): Promise<void> {
  const { rows } = await source('select tenant, revision from workflow_catalog_revision')
  await target(
    `insert into workflow_catalog_revision (tenant, revision)
     select tenant, revision + 1
     from json_to_recordset($1::text::json) as counted(tenant text, revision bigint)
     on conflict (tenant) do update
     set revision = workflow_catalog_revision.revision + excluded.revision`,
    [JSON.stringify(rows)],
  )
}

function requireSame(before: MovedTable, after: MovedTable): void {
  if (before.rows === after.rows && before.digest === after.digest) return
  throw new TrailError(
    'invalid_input',
    `the copy of ${before.table} is not the same (${before.rows} rows, digest ${before.digest}; the copy has ${after.rows}, ${after.digest}), and nothing was moved: report this`,
    { details: { path: before.table } },
  )
}
