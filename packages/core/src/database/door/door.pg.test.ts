import { mkdtemp, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { embeddedDirectory, faultyDatabase, openTestDatabase } from '@steptrail/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { uuidV7 } from '@steptrail/event'
import { operation } from '../../../test/recording.ts'
import { createTrail } from '../../trail/trail.ts'
import { ArrayParameter } from '../array-parameter.ts'
import type { Database } from '../database.ts'
import { openDatabase } from '../open-database.ts'
import { enterByDoor } from './door-database.ts'
import { openDoor } from './open-door.ts'

describe('the door of an embedded database', () => {
  let directory = ''
  let held: Database
  let door: AsyncDisposable
  let guest: Database
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'steptrail-door-'))
    held = await openTestDatabase('embedded')
    if (await enterByDoor(directory)) throw new Error('there is a door before it was made')
    door = await openDoor(held, directory)
    guest = (await enterByDoor(directory)) as Database
    await held.query('create table visits (guest text not null)')
  })
  afterAll(async () => {
    await guest.close()
    await door[Symbol.asyncDispose]()
  })
  const visits = async () => (await held.query<{ guest: string }>('select guest from visits order by 1')).rows

  it('is for the owner of the directory only', async () => {
    expect((await stat(join(directory, 'database.sock'))).mode & 0o777).toBe(0o600)
  })

  it('gives rows as the database itself does', async () => {
    const statement = `select 9007199254740991::bigint as number, '2026-01-02T03:04:05Z'::timestamptz as at,
      '{"a":[1,null]}'::jsonb as json, $1::text[] as list, null as nothing`
    const values = [['x', 'ü']]
    expect(await guest.query(statement, values)).toEqual(await held.query(statement, values))
    expect(guest.schema).toBe(held.schema)
  })

  it('takes bytes and gives them, as the database itself does', async () => {
    const statement = `select $1::bytea as bytes, $2::int[] as numbers, '{"bytes":"AAE="}'::jsonb as json`
    const numbers = new ArrayParameter('integer', 2)
    numbers.set(1, 7)
    const values = [Buffer.from([0, 255, 10]), numbers.encoded()]
    const found = await guest.query(statement, values)
    expect(found).toEqual(await held.query(statement, values))
    expect(found.rows).toEqual([{ bytes: values[0], numbers: [null, 7], json: { bytes: 'AAE=' } }])
  })

  it('takes whole numbers of any size, as the database itself does', async () => {
    const statement = 'select $1::numeric::text as number'
    const values = [2n ** 70n]
    expect(await guest.query(statement, values)).toEqual(await held.query(statement, values))
  })

  it('goes on in a transaction after a value that cannot be sent', async () => {
    const around: { self?: object } = {}
    around.self = around
    const found = await guest.transaction(async (tx) => {
      await expect(tx('select $1::text', [around])).rejects.toThrow(/circular/)
      return await tx('select 1 as one')
    })
    expect(found.rows).toEqual([{ one: 1 }])
  })

  it('waits for a statement of a transaction for longer than for who asks nothing in one', async () => {
    const slow: Database = {
      ...faultyDatabase(held),
      transaction: (work, options) =>
        held.transaction(
          (tx) =>
            work(async (statement, values) => {
              await pause(600)
              return await tx<never>(statement, values)
            }),
          options,
        ),
    }
    const elsewhere = await mkdtemp(join(tmpdir(), 'steptrail-door-'))
    await using _ = await openDoor(slow, elsewhere, { idleTransactionMs: 150 })
    await using other = (await enterByDoor(elsewhere)) as Database
    expect((await other.transaction((tx) => tx('select 1 as one'))).rows).toEqual([{ one: 1 }])
    const idle = other.transaction(async (tx) => {
      await pause(600)
      return await tx('select 1')
    })
    await expect(idle).rejects.toThrow('hung up')
  })

  it('takes what a recorder records', async () => {
    const trail = createTrail(guest)
    const id = uuidV7(Date.now())
    await trail.recordDurably(operation({ id, message: 'by the door' }))
    expect((await trail.flush()).written).toBe(1)
    await trail.close()
    const { rows } = await held.query('select message from audit_event where id = $1', [id])
    expect(rows).toEqual([{ message: 'by the door' }])
  })

  it('commits a transaction, or rolls it back when its work fails', async () => {
    const outcome = await guest.transaction(async (tx) => {
      await tx(`insert into visits values ('a')`)
      return 'done'
    })
    expect(outcome).toBe('done')
    const failing = guest.transaction(async (tx) => {
      await tx(`insert into visits values ('b')`)
      throw new Error('changed my mind')
    })
    await expect(failing).rejects.toThrow('changed my mind')
    expect(await visits()).toEqual([{ guest: 'a' }])
  })

  it('lets others go on while a guest is in a transaction only after it', async () => {
    const order: string[] = []
    const inside = Promise.withResolvers<void>()
    const transaction = guest.transaction(async (tx) => {
      await tx('select 1')
      inside.resolve()
      await tx('select pg_sleep(0.01)')
      order.push('guest')
    })
    await inside.promise
    await Promise.all([transaction, held.query('select 1').then(() => order.push('host'))])
    expect(order).toEqual(['guest', 'host'])
  })

  it('gives errors as the database itself does', async () => {
    await expect(guest.query('insert into visits values (null)')).rejects.toMatchObject({
      code: '23502',
      severity: 'ERROR',
    })
    await expect(guest.query('truncate audit_event')).rejects.toMatchObject({
      name: 'TrailError',
      code: 'append_only',
    })
    const caught = guest.transaction(async (tx) => {
      await tx('nonsense').catch(() => undefined)
    })
    await expect(caught).rejects.toMatchObject({ code: 'transaction_aborted' })
    await expect(guest.transaction(() => guest.query('select 1'))).rejects.toMatchObject({
      code: 'nested_transaction',
    })
  })
})

describe('an embedded database in a thread', () => {
  it(
    'answers as one in the process does, and lets the process go on meanwhile',
    { timeout: 90_000 },
    async () => {
      const dataDir = await embeddedDirectory()
      await using database = await openDatabase({ dataDir, serving: { url: 'http://127.0.0.1:1' } })
      const { rows } = await database.query('select $1::int + 1 as sum, now() is not null as known', [41])
      expect(rows).toEqual([{ sum: 42, known: true }])
      await expect(database.query('select * from nothing')).rejects.toMatchObject({
        code: '42P01',
        severity: 'ERROR',
      })
      let turns = 0
      const counting = setInterval(() => (turns += 1), 1)
      await database.query('select count(*) from generate_series(1, 500000)')
      clearInterval(counting)
      expect(turns).toBeGreaterThan(3)
      await expect(openDatabase({ dataDir })).rejects.toThrow('serving http://127.0.0.1:1')
    },
  )
})
