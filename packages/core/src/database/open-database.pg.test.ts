import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import {
  createDatabaseWithLogins,
  createEmptyDatabase,
  databaseKinds,
  releaseAfterTest,
} from '@steptrail/testkit'
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { olderServer } from '../../test/older-server.ts'
import { vanishingServer } from '../../test/vanishing-server.ts'
import { migrate } from '../migrate/migrate.ts'
import type { Database } from './database.ts'
import { quoteIdentifier } from './identifier.ts'
import { openDatabase } from './open-database.ts'
import type { OpenDatabaseOptions } from './open-database.ts'

type Place = Pick<OpenDatabaseOptions, 'url' | 'dataDir'>

async function open(options: OpenDatabaseOptions): Promise<Database> {
  const database = await openDatabase(options)
  releaseAfterTest(() => database.close())
  return database
}

async function reasonOf(url: string): Promise<unknown> {
  return openDatabase({ url }).then(
    () => 'it opened',
    (error: unknown) => error,
  )
}

const closedPort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

it('runs by itself at no isolation under which statements that meet would fail, whatever the server sets', async () => {
  const url = await createEmptyDatabase()
  const before = await open({ url })
  const name = quoteIdentifier(new URL(url).pathname.slice(1))
  await before.query(`alter database ${name} set default_transaction_isolation = 'serializable'`)
  const { query } = await open({ url })
  expect((await query('show transaction_isolation')).rows).toEqual([
    { transaction_isolation: 'read committed' },
  ])
})

it('reads numbers and names whole in a database that is set to shorten the ones and quote the others', async () => {
  const url = await createEmptyDatabase()
  const before = await open({ url })
  const name = quoteIdentifier(new URL(url).pathname.slice(1))
  await before.query(`alter database ${name} set extra_float_digits = 0`)
  await before.query(`alter database ${name} set quote_all_identifiers = on`)
  const { query } = await open({ url })
  const { rows } = await query(
    `select 0.1::float8 + 0.2::float8 as sum, format_type('uuid'::regtype, -1) as type`,
  )
  expect(rows).toEqual([{ sum: 0.1 + 0.2, type: 'uuid' }])
})

it('reads statements as they are written, in a database that is set to take backslashes for escapes', async () => {
  const url = await createEmptyDatabase()
  const before = await open({ url })
  const name = quoteIdentifier(new URL(url).pathname.slice(1))
  await before.query(`alter database ${name} set standard_conforming_strings = off`)
  await before.query(`alter database ${name} set array_nulls = off`)
  const { query } = await open({ url })
  const { rows } = await query(
    String.raw`select 'audit_event_2026_05' ~ '_\d{4}_\d{2}$' as "isMonth", $1::text[] as words`,
    [['word', null]],
  )
  expect(rows).toEqual([{ isMonth: true, words: ['word', null] }])
})

it('sees what its login may see, in a database that is set to refuse what a policy would hide', async () => {
  const place = await createDatabaseWithLogins()
  const superuser = await open({ url: place.url })
  await migrate(superuser, { roles: true })
  const name = quoteIdentifier(new URL(place.url).pathname.slice(1))
  await superuser.query(`alter database ${name} set row_security = off`)
  const writer = await open({ url: await place.createLogin('in role steptrail_writer') })
  expect((await writer.query('select from audit_event')).rows).toEqual([])
})

it('refuses a login for which triggers do not run, whose results would have no audit', async () => {
  const place = await createDatabaseWithLogins()
  const url = await place.createLogin('')
  const superuser = await open({ url: place.url })
  await superuser.query(`alter role ${new URL(url).username} set session_replication_role = replica`)
  expect(await reasonOf(url)).toMatchObject({
    code: 'database_unsupported',
    message: expect.stringContaining('session_replication_role is replica') as string,
  })
})

describe.each(databaseKinds)('an open %s database', (kind) => {
  const place = async (): Promise<Place> =>
    kind === 'postgres' ? { url: await createEmptyDatabase() } : { dataDir: 'memory://' }

  it('speaks through sessions that are set up as our SQL expects', async () => {
    const database = await open({ ...(await place()), schema: 'Odd "schema"', program: 'the test' })
    const { rows } = await database.query(
      `select current_setting('search_path') as path, current_setting('TimeZone') as zone,
        current_setting('application_name') as name, current_setting('DateStyle') as dates`,
    )
    expect(rows).toEqual([
      { path: '"Odd ""schema""", pg_temp', zone: 'UTC', name: 'steptrail the test', dates: 'ISO, YMD' },
    ])
    expect(database).toMatchObject({ kind, schema: 'Odd "schema"' })
  })

  it('gives numbers, instants, JSON and texts for PostgreSQL’s types', async () => {
    const database = await open(await place())
    const { rows, rowCount } = await database.query(
      `select 9007199254740991::bigint as whole, array[1, null]::bigint[] as wholes,
        '2026-01-02 03:04:05.1'::timestamptz(3) as instant, array['2026-01-02 05:45+05:45']::timestamptz[] as instants,
        '2026-01-02'::date as day, '2026-01-02 03:04'::timestamp as local, array['2026-01-02']::date[] as days,
        '1 day 2 hours'::interval as span, '{"a": [1, null]}'::jsonb as data, '[1]'::json as list,
        gen_random_uuid() is not null as truth, 12.50::numeric as exact, null::bigint as nothing`,
    )
    expect(rowCount).toBe(1)
    expect(rows[0]).toEqual({
      whole: 9_007_199_254_740_991,
      wholes: [1, null],
      instant: '2026-01-02T03:04:05.100Z',
      instants: ['2026-01-02T00:00:00.000Z'],
      day: '2026-01-02',
      local: '2026-01-02 03:04:00',
      days: ['2026-01-02'],
      span: '1 day 02:00:00',
      data: { a: [1, null] },
      list: [1],
      truth: true,
      exact: '12.50',
      nothing: null,
    })
    await expect(database.query('select 9007199254740992 as whole')).rejects.toThrow('select it as text')
  })

  it('closes once, however often it is told to, and opens no more', async () => {
    const database = await open(await place())
    await Promise.all([database.close(), database.close()])
    await database[Symbol.asyncDispose]()
    const refusal = {
      code: 'database_closed',
      message: expect.stringContaining('has been closed by this program'),
    }
    await expect(database.query('select')).rejects.toMatchObject(refusal)
    await expect(database.transaction((tx) => tx('select'))).rejects.toMatchObject(refusal)
  })
})

describe('a database that cannot be opened', () => {
  it.each([
    [{ schema: 'pg_x' }, 'schema'],
    [{ maxConnections: 0 }, 'maxConnections'],
    [{ maxConnections: 1.5 }, 'maxConnections'],
    [{ dataDir: '' }, 'dataDir'],
  ])('has an option that makes no sense: %j', async (options, option) => {
    await expect(openDatabase({ dataDir: 'memory://', ...options })).rejects.toMatchObject({
      code: 'invalid_configuration',
      details: { option },
    })
  })

  it('has a URL that is none', async () => {
    expect(await reasonOf('http://anna:s3cret@db.example')).toMatchObject({ code: 'invalid_database_url' })
  })

  it('has nobody at its port', async () => {
    const port = await closedPort()
    expect(await reasonOf(`postgres://anna:s3cret@127.0.0.1:${port}/trail`)).toMatchObject({
      code: 'database_unreachable',
      message: expect.stringMatching(
        new RegExp(`^cannot connect to postgres://anna@127.0.0.1:${port}/trail .*nothing listens there`),
      ) as string,
      details: { cause: 'ECONNREFUSED' },
    })
  })

  it('has a host that is unknown', async () => {
    expect(await reasonOf('postgres://anna:s3cret@no-such-host.invalid/trail')).toMatchObject({
      code: 'database_unreachable',
      message: expect.stringContaining('host name') as string,
    })
  })

  it('does not know the user’s password', async () => {
    const url = new URL(await createEmptyDatabase())
    url.password = 's3cret'
    const reason = await reasonOf(url.href)
    expect(reason).toMatchObject({
      code: 'database_unreachable',
      message: expect.stringContaining('the password is wrong') as string,
      details: { cause: '28P01' },
    })
    expect(JSON.stringify([String(reason), reason])).not.toContain('s3cret')
  })

  it('does not exist on its server', async () => {
    const url = new URL(await createEmptyDatabase())
    url.pathname = '/no_such_database'
    expect(await reasonOf(url.href)).toMatchObject({
      code: 'database_unreachable',
      message: expect.stringContaining('no such database') as string,
      details: { cause: '3D000' },
    })
  })

  it('is no PostgreSQL', async () => {
    const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(
      0,
      '127.0.0.1',
    )
    await once(server, 'listening')
    releaseAfterTest(async () => void server.close())
    const { port } = server.address() as AddressInfo
    expect(await reasonOf(`postgres://anna@127.0.0.1:${port}/trail`)).toMatchObject({
      code: 'database_unreachable',
    })
  })

  it('is gone while a connection is being set up, which does not end the process either', async () => {
    expect(await reasonOf(await vanishingServer())).toMatchObject({ code: 'database_unreachable' })
  })

  it('is older than PostgreSQL 15', async () => {
    const url = await olderServer(await createEmptyDatabase())
    expect(await reasonOf(url)).toMatchObject({
      code: 'database_unsupported',
      message: expect.stringMatching(/runs PostgreSQL 14.*needs 15 or later/) as string,
    })
  })
})

describe('other users of pg', () => {
  it('keep the types they had', async () => {
    await open({ dataDir: 'memory://' })
    const client = new pg.Client({ connectionString: await createEmptyDatabase() })
    await client.connect()
    const { rows } = await client.query('select 1::bigint as whole, now() as instant')
    await client.end()
    expect(rows[0]).toEqual({ whole: '1', instant: expect.any(Date) as Date })
  })
})
