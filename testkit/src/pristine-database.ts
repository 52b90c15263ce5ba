import { isDeepStrictEqual } from 'node:util'
import type { DatabaseKind } from './database-kind.ts'

/** One connection of a superuser to a migrated database. */
export interface Connection {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: unknown[] }>
}

/** What {@link makePristine} needs to know of a migrated database that nothing has used. */
export interface Pristine {
  readonly kind: DatabaseKind
  /** The first transaction that may have changed a definition after the database was looked at. */
  readonly since: string
  /** Changes with every definition: tables, functions, grants, settings, statistics. */
  readonly definitions: Definitions
  /** The schemas and the tables that there are. */
  readonly names: readonly string[]
  /** The tables in which the migration left rows, with these. */
  readonly filled: readonly FilledTable[]
}

/** For each catalogue how many rows it has, and a number that each change of a row gives another. */
type Definitions = Readonly<Record<string, readonly [rows: number, changes: number]>>

interface FilledTable {
  readonly name: string
  readonly rows: string
}

/** To empty more than this leaves tables that are slow to read. */
const mostRows = 20_000

/** The code that {@link emptyAll} gives up with: `program_limit_exceeded`. */
const tooManyRows = '54000'

/** How long a session of an ended test may take to end, in milliseconds. */
const sessionEndsWithin = 5000

const catalogs = [
  'pg_class',
  'pg_attribute',
  'pg_attrdef',
  'pg_index',
  'pg_constraint',
  'pg_trigger',
  'pg_event_trigger',
  'pg_rewrite',
  'pg_policy',
  'pg_inherits',
  'pg_proc',
  'pg_type',
  'pg_sequence',
  'pg_namespace',
  'pg_extension',
  'pg_default_acl',
  'pg_publication',
  'pg_description',
  'pg_statistic',
]

const sharedByDatabases = ['pg_authid', 'pg_auth_members']

/** What {@link emptyAll} changes when it has triggers off for a moment. */
const changedByEmptying = ['pg_class', 'pg_trigger']

const userTables = `pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind = 'r' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`

/**
 * Triggers that refuse it fire even for a replica's session, so they are off meanwhile. A table without a page has no
 * row, which is known without opening its indexes.
 */
const emptyAll = `do $$
  declare
    one record;
    holds_rows boolean;
    triggers text[];
    statement text;
    removed bigint;
    total bigint := 0;
  begin
    for one in select c.oid, c.oid::regclass as name from ${userTables} and pg_relation_size(c.oid) > 0 loop
      execute format('select exists (select from only %s)', one.name) into holds_rows;
      continue when not holds_rows;
      select array_agg(format('alter table %s enable %s trigger %I', one.name,
          case tgenabled when 'A' then 'always' when 'R' then 'replica' end, tgname))
        from pg_trigger where tgrelid = one.oid and not tgisinternal and tgenabled in ('A', 'R') into triggers;
      if triggers is not null then
        execute format('alter table %s disable trigger user', one.name);
      end if;
      execute format('delete from only %s', one.name);
      get diagnostics removed = row_count;
      total := total + removed;
      foreach statement in array coalesce(triggers, '{}') loop
        execute statement;
      end loop;
    end loop;
    if total > ${mostRows} then
      raise 'too many rows' using errcode = '${tooManyRows}';
    end if;
    for one in select format('%I.%I', schemaname, sequencename) as name, start_value
        from pg_sequences where last_value is not null loop
      perform setval(one.name::regclass, one.start_value, false);
    end loop;
  end
$$`

/** Looks at a migrated database that nothing has used, for {@link makePristine}. */
export async function lookAtPristine(connection: Connection, kind: DatabaseKind): Promise<Pristine> {
  const { rows } = await connection.query(`select c.oid::regclass::text as name from ${userTables}`)
  const filled: FilledTable[] = []
  for (const { name } of rows as { name: string }[]) {
    const found = await connection.query(`select coalesce(jsonb_agg(t), '[]')::text as rows from ${name} t`)
    const [table] = found.rows as { rows: string }[]
    if (table !== undefined && table.rows !== '[]') filled.push({ name, rows: table.rows })
  }
  const since = await firstRunning(connection)
  return {
    kind,
    filled,
    names: await namesIn(connection),
    since,
    definitions: await definitionsOf(connection, watched(kind), since),
  }
}

/**
 * Gives a database back the rows that it had when it was migrated, which takes a fraction of making another.
 *
 * @returns how it looks now; undefined, when something else was changed than rows, and schemas and tables that were
 *   added, or there are too many rows
 */
export async function makePristine(
  connection: Connection,
  pristine: Pristine,
): Promise<Pristine | undefined> {
  if (await isUsed(connection)) return undefined
  if (!(await isDefinedAs(connection, pristine))) {
    await dropAdded(connection, pristine)
    if (!(await isDefinedAs(connection, pristine))) return undefined
  }
  await connection.query('begin')
  try {
    await restoreRows(connection, pristine)
    await connection.query('commit')
  } catch (error) {
    await connection.query('rollback')
    if (error instanceof Error && 'code' in error && error.code === tooManyRows) return undefined
    throw error
  }
  const changed = await definitionsOf(connection, changedByEmptying, pristine.since)
  return { ...pristine, definitions: { ...pristine.definitions, ...changed } }
}

async function isDefinedAs(connection: Connection, { kind, since, definitions }: Pristine): Promise<boolean> {
  return isDeepStrictEqual(await definitionsOf(connection, watched(kind), since), definitions)
}

/** A month that a test has used, or a schema of its own, goes without a trace, and what is left is as it was. */
async function dropAdded(connection: Connection, { names }: Pristine): Promise<void> {
  for (const name of await namesIn(connection))
    if (!names.includes(name)) await connection.query(`drop ${name} cascade`)
}

/** Each as it is dropped; schemas first, with which their tables go. */
async function namesIn(connection: Connection): Promise<readonly string[]> {
  const { rows } = await connection.query(
    `select format('schema if exists %I', nspname) as name from pg_namespace
       where nspname !~ '^pg_' and nspname <> 'information_schema'
     union all
     select format('table if exists %I.%I', nspname, relname) from ${userTables}
     order by 1`,
  )
  return (rows as { name: string }[]).map(({ name }) => name)
}

async function restoreRows(connection: Connection, { filled }: Pristine): Promise<void> {
  await connection.query('set local session_replication_role = replica')
  await connection.query(emptyAll)
  for (const { name, rows } of filled) {
    await connection.query(
      `insert into ${name} overriding system value select * from jsonb_populate_recordset(null::${name}, $1)`,
      [rows],
    )
  }
}

/** Ends what the test left connected; a transaction that it left prepared cannot be ended by us. */
async function isUsed(connection: Connection): Promise<boolean> {
  const { rows } = await connection.query(
    `with session as materialized (
       select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
     )
     select from session where not pg_terminate_backend(pid, ${sessionEndsWithin})
     union all
     select from pg_prepared_xacts where database = current_database()`,
  )
  return rows.length > 0
}

/** The oldest transaction that has not ended, or else the next: what was changed before stays as it is. */
async function firstRunning(connection: Connection): Promise<string> {
  const { rows } = await connection.query('select pg_snapshot_xmin(pg_current_snapshot())::xid::text as xid')
  const [found] = rows as { xid: string }[]
  if (found === undefined) throw new Error('the database did not say which transactions run')
  return found.xid
}

function watched(kind: DatabaseKind): readonly string[] {
  return kind === 'embedded' ? [...catalogs, ...sharedByDatabases] : catalogs
}

/**
 * Each change of a row in a catalogue gives it the number of a later transaction. Nearly all rows are older than `since`:
 * these are only counted, since to read the number of each takes three times as long.
 */
async function definitionsOf(
  connection: Connection,
  names: readonly string[],
  since: string,
): Promise<Definitions> {
  const changes = `coalesce(sum(xmin::text::bigint) filter (where age(xmin) <= age('${since}'::xid)), 0)`
  const counted = names.map(
    (name) => `select '${name}' as name, count(*) as rows, ${changes} as changes from ${name}`,
  )
  const { rows } = await connection.query(
    `select jsonb_object_agg(name, jsonb_build_array(rows, changes))::text as definitions
     from (${counted.join(' union all ')}
       union all
       select 'pg_database', 1, xmin::text::bigint from pg_database where datname = current_database()
       union all
       select 'pg_db_role_setting', count(*), coalesce(sum(xmin::text::bigint), 0) from pg_db_role_setting
         where setdatabase = (select oid from pg_database where datname = current_database())) c`,
  )
  const [found] = rows as { definitions: string }[]
  if (found === undefined) throw new Error('the database did not say what is defined in it')
  return JSON.parse(found.definitions) as Definitions
}
