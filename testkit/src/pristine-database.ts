import type { DatabaseKind } from './database-kind.ts'

/** One connection of a superuser to a migrated database. */
export interface Connection {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: unknown[] }>
}

/** What {@link makePristine} needs to know of a migrated database that nothing has used. */
export interface Pristine {
  readonly kind: DatabaseKind
  /** Changes with every definition: tables, functions, grants, settings, statistics. */
  readonly definitions: string
  /** The schemas and the tables that there are. */
  readonly names: readonly string[]
  /** The tables in which the migration left rows, with these. */
  readonly filled: readonly FilledTable[]
}

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

const userTables = `pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind = 'r' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`

/** Triggers that refuse it fire even for a replica's session, so they are off meanwhile. */
const emptyAll = `do $$
  declare
    one record;
    holds_rows boolean;
    triggers text[];
    statement text;
    removed bigint;
    total bigint := 0;
  begin
    for one in select c.oid, c.oid::regclass as name from ${userTables} loop
      execute format('select exists (select from only %s)', one.name) into holds_rows;
      continue when not holds_rows;
      select array_agg(format('alter table %s enable %s trigger %I', one.name,
          case tgenabled when 'A' then 'always' when 'R' then 'replica' end, tgname))
        from pg_trigger where tgrelid = one.oid and not tgisinternal and tgenabled <> 'D' into triggers;
      execute format('alter table %s disable trigger user', one.name);
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
  return {
    kind,
    filled,
    names: await namesIn(connection),
    definitions: await definitionsOf(connection, kind),
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
  return { ...pristine, definitions: await definitionsOf(connection, pristine.kind) }
}

async function isDefinedAs(connection: Connection, { kind, definitions }: Pristine): Promise<boolean> {
  return (await definitionsOf(connection, kind)) === definitions
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

/** Each change of a row in a catalogue gives it the number of a later transaction. */
async function definitionsOf(connection: Connection, kind: DatabaseKind): Promise<string> {
  const watched = kind === 'embedded' ? [...catalogs, ...sharedByDatabases] : catalogs
  const counted = watched.map(
    (name) => `select '${name}' as name, count(*) as rows, sum(xmin::text::bigint) as changes from ${name}`,
  )
  const { rows } = await connection.query(
    `select jsonb_agg(c order by c.name)::text as definitions from (${counted.join(' union all ')}
       union all
       select 'pg_database', 1, xmin::text::bigint from pg_database where datname = current_database()
       union all
       select 'pg_db_role_setting', count(*), sum(xmin::text::bigint) from pg_db_role_setting
         where setdatabase = (select oid from pg_database where datname = current_database())) c`,
  )
  const [found] = rows as { definitions: string }[]
  return found?.definitions ?? ''
}
