import { checkSchema, openDatabase, type Database } from '@steptrail/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeOnBoth } from './describe-on-both.ts'
import { createEmptyDatabase, createMigratedDatabase, openTestDatabase } from './test-database.ts'

describeOnBoth('a test database', (open, kind) => {
  it('is of its kind, migrated and empty', async () => {
    const database = await open()
    expect(database.kind).toBe(kind)
    await checkSchema(database)
    const { rows } = await database.query<{ count: number }>('select count(*) from audit_event')
    expect(rows).toEqual([{ count: 0 }])
  })

  it('shares nothing with another', async () => {
    const [one, other] = [await open(), await open()]
    await one.query('create table mine (n int)')
    await expect(other.query('select from mine')).rejects.toThrow('mine')
  })

  it('may be closed by the test itself', async () => {
    await (await open()).close()
  })

  it('may be used in every way', async () => {
    const database = await open()
    await database.query('create table mine (n int)')
    await database.query('create table public.mine (n int)')
    await database.query('create schema other')
    await database.query('create table other.mine (n int)')
    await database.query('create temporary table passing (n int)')
    await database.query('select pg_advisory_lock(1)')
    await database.query(`set timezone = 'Europe/Paris'`)
  })

  it('shows nothing of an earlier test', async () => {
    const database = await open()
    const { rows } = await database.query<{ name: string }>(
      `select nspname || '.' || relname as name from pg_class join pg_namespace n on n.oid = relnamespace
       where relname in ('mine', 'passing')
       union all select nspname from pg_namespace where nspname = 'other'
       union all select current_setting('timezone') where current_setting('timezone') <> 'UTC'
       union all select 'lock ' || objid from pg_locks join pg_database d on d.oid = database
                 where locktype = 'advisory' and datname = current_database()`,
    )
    expect(rows).toEqual([])
  })
})

describe('a test database to which a test has added', () => {
  let name = ''
  const nameOf = async (database: Database): Promise<string> =>
    (await database.query<{ name: string }>('select current_database()::text as name')).rows[0]?.name ?? ''

  it('a month and a schema', async () => {
    const database = await openTestDatabase('postgres')
    name = await nameOf(database)
    await database.query(`select ensure_partition('audit_event', '2021-01-05')`)
    await database.query('create schema other')
    await database.query('create table other.mine (n int primary key)')
  })

  it('is had by the next, and has neither', async () => {
    const database = await openTestDatabase('postgres')
    expect(await nameOf(database)).toBe(name)
    const { rows } = await database.query(
      `select to_regclass('audit_event_2021_01') as month, to_regnamespace('other') as schema`,
    )
    expect(rows).toEqual([{ month: null, schema: null }])
    await database.query('alter table audit_event alter message set storage external')
  })

  it('is had by nobody when something else has changed', async () => {
    expect(await nameOf(await openTestDatabase('postgres'))).not.toBe(name)
  })
})

describeOnBoth('a test database that held rows', (open) => {
  let before: readonly string[] = []
  const triggersOf = async (database: Database): Promise<readonly string[]> => {
    const { rows } = await database.query<{ trigger: string }>(
      `select concat_ws(' ', tgrelid::regclass, tgname, tgenabled) as trigger from pg_trigger
       where not tgisinternal order by 1`,
    )
    return rows.map(({ trigger }) => trigger)
  }

  it('in a table with triggers that always fire, and others', async () => {
    const database = await open()
    before = await triggersOf(database)
    const kinds = before
      .filter((trigger) => trigger.startsWith('workflow_step_transitions '))
      .map((trigger) => trigger.at(-1))
    expect(kinds).toEqual(expect.arrayContaining(['A', 'O']))
    await database.transaction(async (tx) => {
      await tx('set local session_replication_role = replica')
      await tx(
        `insert into workflow_step_transitions (workflow_step_uuid, execution_id, sort_key, to_state)
         values (gen_random_uuid(), gen_random_uuid(), 1, 'pending')`,
      )
    })
  })

  it('has none, and its triggers as they were', async () => {
    const database = await open()
    expect((await database.query('select from workflow_step_transitions')).rowCount).toBe(0)
    expect(await triggersOf(database)).toEqual(before)
  })
})

describe('an embedded test database', () => {
  it('may get roles', async () => {
    const database = await openTestDatabase('embedded')
    await database.query('create role somebody')
    await database.query('grant select on audit_event to somebody')
  })

  it('has none of an earlier test', async () => {
    const database = await openTestDatabase('embedded')
    expect((await database.query(`select from pg_roles where rolname = 'somebody'`)).rowCount).toBe(0)
  })
})

describe('a test database of a suite', () => {
  let database: Database

  beforeAll(async () => {
    database = await openTestDatabase('postgres')
    await database.query('create table mine (n int)')
  })

  it('is there for the first test', async () => {
    await database.query('insert into mine values (1)')
  })

  it('is there for the next', async () => {
    expect((await database.query('select n from mine')).rows).toEqual([{ n: 1 }])
  })

  afterAll(async () => {
    await database.query('select n from mine')
  })
})

describe('a database for programs', () => {
  it('is migrated, or has nothing in it', async () => {
    await using migrated = await openDatabase({ url: await createMigratedDatabase() })
    await checkSchema(migrated)
    await using empty = await openDatabase({ url: await createEmptyDatabase() })
    await expect(checkSchema(empty)).rejects.toThrow(expect.objectContaining({ code: 'schema_missing' }))
  })

  let name = ''

  it('is there for its test', async () => {
    const url = new URL(await createEmptyDatabase())
    name = url.pathname.slice(1)
    expect(await databasesNamed(name)).toBe(1)
  })

  it('is removed after it', async () => {
    expect(await databasesNamed(name)).toBe(0)
  })

  async function databasesNamed(wanted: string): Promise<number | null> {
    await using database = await openDatabase({ url: await createEmptyDatabase() })
    return (await database.query('select from pg_database where datname = $1', [wanted])).rowCount
  }
})
