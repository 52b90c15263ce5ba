import { setTimeout as sleep } from 'node:timers/promises'
import { createEmptyDatabase, databaseKinds, releaseAfterTest } from '@steptrail/testkit'
import type { DatabaseKind } from '@steptrail/testkit'
import { describe, expect, it } from 'vitest'
import type { Database } from '../database/database.ts'
import { openDatabase } from '../database/open-database.ts'
import { checkSchema } from './check-schema.ts'
import { readMigrations } from './migration-files.ts'
import { migrate } from './migrate.ts'

async function openEmpty(kind: DatabaseKind, schema?: string): Promise<Database> {
  const place = kind === 'postgres' ? { url: await createEmptyDatabase() } : { dataDir: 'memory://' }
  const database = await openDatabase({ ...place, schema })
  releaseAfterTest(() => database.close())
  return database
}

const migrations = await readMigrations()
const names = migrations.map(({ name }) => name)
const newest = migrations.length

describe.each(databaseKinds)('migrating an %s database', (kind) => {
  it('applies each file once, in order, and says so', async () => {
    const database = await openEmpty(kind)
    await expect(checkSchema(database)).rejects.toMatchObject({
      code: 'schema_missing',
      message: expect.stringContaining('run `steptrail migrate`') as string,
    })

    const progress: string[] = []
    const first = await migrate(database, { to: 2, onProgress: (name) => progress.push(name) })
    expect(first).toEqual({ applied: names.slice(0, 2), version: 2 })
    expect(progress).toEqual(names.slice(0, 2))
    await expect(checkSchema(database)).rejects.toMatchObject({
      code: 'schema_outdated',
      message: expect.stringContaining('run `steptrail migrate`') as string,
    })

    expect(await migrate(database)).toEqual({ applied: names.slice(2), version: newest })
    expect(await migrate(database)).toEqual({ applied: [], version: newest })
    await checkSchema(database)
    const { rows } = await database.query(
      `select version, name, sha256, applied_at between now() - interval '1 hour' and clock_timestamp() as is_recent
      from schema_migrations order by version`,
    )
    expect(rows).toEqual(
      migrations.map(({ version, name, sha256 }) => ({ version, name, sha256, is_recent: true })),
    )
  })

  it('keeps apart schemas of any name in one database', async () => {
    const odd = await openEmpty(kind, `odd "name"; it's`)
    await migrate(odd)
    await odd.query(
      `insert into workflow_step_transitions (workflow_step_uuid, execution_id, to_state, from_state, sort_key)
      values (uuid_v7(), uuid_v7(), 'enqueued_for_orchestration', 'in_progress', 2)`,
    )
    expect((await odd.query('select from workflow_step_result_audit')).rowCount).toBe(1)
    const { rows } = await odd.query(
      `select ensure_partition('audit_event', '2026-01-31 23:59:59.999+00') as name`,
    )
    expect(rows).toEqual([{ name: 'audit_event_2026_01' }])
    const elsewhere = await odd.query(
      `select from pg_class where relnamespace = 'public'::regnamespace or relname like 'audit_event%' and relnamespace <> $1::regnamespace`,
      [`"odd ""name""; it's"`],
    )
    expect(elsewhere.rowCount).toBe(0)
  })
})

describe('a schema that was renamed', () => {
  it('is refused, and migrating makes its functions look into it again', async () => {
    const url = await createEmptyDatabase()
    const open = async (schema: string): Promise<Database> => {
      const database = await openDatabase({ url, schema })
      releaseAfterTest(() => database.close())
      return database
    }
    const before = await open('steptrail')
    await migrate(before)
    await before.query(
      `create function theirs() returns int language sql set search_path = pg_catalog as 'select 1'`,
    )
    await before.query('alter schema steptrail rename to "the audit"')
    await before.query('create schema steptrail')
    const renamed = await open('the audit')
    await expect(checkSchema(renamed)).rejects.toMatchObject({
      code: 'schema_outdated',
      message: expect.stringMatching(/was renamed.*steptrail, pg_temp.*run `steptrail migrate`/) as string,
    })
    expect(await migrate(renamed)).toEqual({ applied: [], version: newest })
    await checkSchema(renamed)
    const { rows } = await renamed.query(
      `select ensure_partition('audit_event', '2026-01-31 23:59:59.999+00') as name,
              (select array_agg(distinct setting order by setting)
               from pg_proc cross join unnest(proconfig) as setting
               where pronamespace = '"the audit"'::regnamespace) as settings`,
    )
    expect(rows).toEqual([
      {
        name: 'audit_event_2026_01',
        settings: ['search_path="the audit", pg_temp', 'search_path=pg_catalog'],
      },
    ])
  })
})

it('takes no schema for renamed that was migrated where every name is quoted', async () => {
  const url = await createEmptyDatabase()
  const database = await openDatabase({ url, maxConnections: 1 })
  releaseAfterTest(() => database.close())
  await database.query('set quote_all_identifiers to on')
  await migrate(database)
  await database.query('reset quote_all_identifiers')
  await checkSchema(database)
})

describe('a migration that cannot be', () => {
  it('refuses a schema that a later version has migrated, and changes nothing', async () => {
    const database = await openEmpty('postgres')
    await migrate(database)
    await database.query(
      `insert into schema_migrations (version, name, sha256) values (9999, '9999_from_the_future.sql', repeat('a', 64))`,
    )
    const newer = {
      code: 'schema_newer',
      message: expect.stringContaining(
        `has migration 9999_from_the_future.sql, this program knows ${newest}`,
      ) as string,
    }
    await expect(migrate(database)).rejects.toMatchObject(newer)
    await expect(checkSchema(database)).rejects.toMatchObject(newer)
  })

  it('refuses an edited file, and names it and both hashes', async () => {
    const database = await openEmpty('postgres')
    await migrate(database, { to: 1 })
    const applied = 'a'.repeat(64)
    await database.query('update schema_migrations set sha256 = $1', [applied])
    const edited = {
      code: 'schema_edited',
      details: { schema: 'steptrail', migration: names[0], applied, file: migrations[0]?.sha256 },
      message: expect.stringMatching(
        new RegExp(`${names[0]}.*${applied}.*${migrations[0]?.sha256}`),
      ) as string,
    }
    await expect(migrate(database)).rejects.toMatchObject(edited)
    await expect(checkSchema(database)).rejects.toMatchObject(edited)
    expect((await database.query('select from schema_migrations')).rowCount).toBe(1)
  })

  it('leaves nothing of a file that fails, and goes on from there once it can', async () => {
    const database = await openEmpty('postgres')
    await migrate(database, { to: 1 })
    await database.query('create table audit_event ()')
    await expect(migrate(database)).rejects.toMatchObject({ code: '42P07' })
    const { rows } = await database.query(
      `select to_regclass('workflow_step_transitions') as transitions, max(version) as version from schema_migrations`,
    )
    expect(rows).toEqual([{ transitions: null, version: 1 }])
    await database.query('drop table audit_event')
    expect(await migrate(database)).toMatchObject({ version: newest })
  })

  it('knows no migration but those there are', async () => {
    const database = await openEmpty('postgres')
    for (const to of [0, -1, 1.5, newest + 1])
      await expect(migrate(database, { to })).rejects.toMatchObject({ code: 'invalid_configuration' })
    const early = migrate(database, { to: newest - 1, roles: true })
    await expect(early).rejects.toMatchObject({ code: 'invalid_configuration' })
    expect(
      (await database.query('select from pg_namespace where nspname = $1', ['steptrail'])).rowCount,
    ).toBe(0)
  })
})

describe('migrating a server from many programs at once', () => {
  it('is done by one of twenty, while the others wait and find it done', async () => {
    const url = await createEmptyDatabase()
    const databases = await Promise.all(
      Array.from({ length: 20 }, () => openDatabase({ url, maxConnections: 2 })),
    )
    releaseAfterTest(async () => void (await Promise.all(databases.map((database) => database.close()))))
    const results = await Promise.all(databases.map((database) => migrate(database)))
    expect(results.filter(({ applied }) => applied.length > 0)).toEqual([{ applied: names, version: newest }])
    expect(results.every(({ version }) => version === newest)).toBe(true)
  })

  it('waits for another that migrates for longer than the database lets statements wait', async () => {
    const url = await createEmptyDatabase()
    await using holder = await openDatabase({ url })
    for (const limit of ['lock_timeout', 'statement_timeout'])
      await holder.query(`alter database ${new URL(url).pathname.slice(1)} set ${limit} = '100ms'`)
    await using database = await openDatabase({ url })
    const key = 'steptrail migrations of steptrail'
    const held = await holder.transaction(async (tx) => {
      await tx('select pg_advisory_xact_lock(hashtextextended($1, 0))', [key])
      const migrated = migrate(database, { to: 1 }).catch((error: unknown) => error)
      const isOver = Promise.race([migrated.then(() => true), waitsFor(holder, '300ms').then(() => false)])
      expect(await isOver).toBe(false)
      return { migrated }
    })
    expect(await held.migrated).toMatchObject({ version: 1 })
  })

  it('does two schemas of one database side by side', async () => {
    const url = await createEmptyDatabase()
    const schemas = ['left', 'right']
    await Promise.all(
      schemas.map(async (schema) => {
        await using database = await openDatabase({ url, schema })
        expect(await migrate(database)).toEqual({ applied: names, version: newest })
        await checkSchema(database)
      }),
    )
  })
})

/** Resolves when a session of the database has waited for an advisory lock so long. */
async function waitsFor({ query }: Database, time: string): Promise<void> {
  for (;;) {
    const { rows } = await query(
      `select from pg_stat_activity
      where datname = current_database()
        and wait_event = 'advisory'
        and clock_timestamp() - query_start > $1::interval`,
      [time],
    )
    if (rows.length > 0) return
    await sleep(20)
  }
}
