import { createEmptyDatabase, databaseKinds } from '@steptrail/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Database, Query } from './database.ts'
import { openDatabase } from './open-database.ts'

const terminateOwnSession = 'select pg_terminate_backend(pg_backend_pid())'

describe.each(databaseKinds)('a transaction on an %s database', (kind) => {
  let database: Database
  beforeAll(async () => {
    database = await openDatabase(
      kind === 'postgres'
        ? { url: await createEmptyDatabase(), maxConnections: 2 }
        : { dataDir: 'memory://' },
    )
    await database.query('create schema steptrail')
    await database.query('create table note (text text unique deferrable initially deferred)')
  })
  afterAll(() => database.close())

  const notes = async (like: string): Promise<number> => {
    const { rows } = await database.query<{ count: number }>('select count(*) from note where text like $1', [
      like,
    ])
    return rows[0]?.count ?? -1
  }
  const write = (tx: Query, text: string) => tx('insert into note values ($1)', [text])

  it('commits what its work did, and gives what it returned', async () => {
    const result = await database.transaction(async (tx) => (await write(tx, 'kept')).rowCount)
    expect(result).toBe(1)
    expect(await notes('kept')).toBe(1)
  })

  it('rolls back when its work throws, and throws the same', async () => {
    const failure = new Error('no more ink')
    const attempt = database.transaction(async (tx) => {
      await write(tx, 'lost')
      throw failure
    })
    await expect(attempt).rejects.toBe(failure)
    expect(await notes('lost')).toBe(0)
  })

  it('throws what the database says at the commit', async () => {
    const attempt = database.transaction(async (tx) => {
      await write(tx, 'twice')
      await write(tx, 'twice')
    })
    await expect(attempt).rejects.toMatchObject({ code: '23505' })
    expect(await notes('twice')).toBe(0)
  })

  it('is not taken for committed when a statement failed and the error was caught', async () => {
    const attempt = database.transaction(async (tx) => {
      await write(tx, 'before the fault')
      await tx('select 1 / 0').catch(() => undefined)
      return 'all well'
    })
    await expect(attempt).rejects.toMatchObject({ code: 'transaction_aborted' })
    expect(await notes('before%')).toBe(0)
  })

  it('runs statements that are given at once one after another, and none after its end', async () => {
    let late: Query | undefined
    await database.transaction(async (tx) => {
      late = tx
      await Promise.all([write(tx, 'a1'), write(tx, 'a2'), tx('select pg_sleep(0)'), write(tx, 'a3')])
    })
    expect(await notes('a_')).toBe(3)
    await expect(late?.('select')).rejects.toMatchObject({ code: 'transaction_aborted' })
  })

  it('commits only after statements that its work did not wait for', async () => {
    let unawaited: Promise<unknown> | undefined
    await database.transaction((tx) => {
      unawaited = write(tx, 'b1')
      return Promise.resolve()
    })
    await unawaited
    expect(await notes('b1')).toBe(1)
  })

  it('has the isolation and the access asked for', async () => {
    const settings = `select current_setting('transaction_isolation') as isolation, current_setting('transaction_read_only') as "readOnly"`
    const byDefault = await database.transaction((tx) => tx(settings))
    expect(byDefault.rows).toEqual([{ isolation: 'read committed', readOnly: 'off' }])
    const asked = await database.transaction((tx) => tx(settings), {
      isolation: 'repeatable read',
      readOnly: true,
    })
    expect(asked.rows).toEqual([{ isolation: 'repeatable read', readOnly: 'on' }])
    const attempt = database.transaction((tx) => write(tx, 'refused'), { readOnly: true })
    await expect(attempt).rejects.toMatchObject({ code: '25006' })
  })

  it('leaves the connection fit for others after each failure', async () => {
    for (let round = 0; round < 4; round++)
      await expect(database.transaction((tx) => tx('select 1 / 0'))).rejects.toMatchObject({ code: '22012' })
    expect((await database.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  })
})

describe('another connection inside a transaction', () => {
  it('cannot be had of the embedded database, which says so instead of waiting for ever', async () => {
    await using database = await openDatabase({ dataDir: 'memory://' })
    const inside = database.transaction(() => database.query('select'))
    await expect(inside).rejects.toMatchObject({ code: 'nested_transaction' })
    const nested = database.transaction(() => database.transaction(() => Promise.resolve()))
    await expect(nested).rejects.toMatchObject({ code: 'nested_transaction' })
    let after: Promise<unknown> | undefined
    const { promise, resolve } = Promise.withResolvers<void>()
    await database.transaction(() => {
      after = promise.then(() => database.query('select'))
      return Promise.resolve()
    })
    resolve()
    await expect(after).resolves.toMatchObject({ rowCount: 1 })
  })

  it('can be had of a server', async () => {
    await using database = await openDatabase({ url: await createEmptyDatabase() })
    const inner = await database.transaction(() => database.query('select 1 as one'))
    expect(inner.rows).toEqual([{ one: 1 }])
  })
})

describe('a server that ends a connection', () => {
  let database: Database
  let observer: Database
  beforeAll(async () => {
    const url = await createEmptyDatabase()
    database = await openDatabase({ url, maxConnections: 1 })
    observer = await openDatabase({ url, program: 'observer' })
  })
  afterAll(async () => {
    await database.close()
    await observer.close()
  })

  const terminateOthers = () =>
    observer.query(
      `select pg_terminate_backend(pid, 5000) from pg_stat_activity
      where application_name = 'steptrail' and datname = current_database()`,
    )

  it('while it is idle does no harm', async () => {
    await database.query('select')
    const lost = new Promise((resolve) => database.pool.once('error', resolve))
    await terminateOthers()
    await lost
    await expect(database.query('select 1 as one')).resolves.toMatchObject({ rows: [{ one: 1 }] })
  })

  it('between two statements of a transaction fails the next, and does not end the process', async () => {
    const attempt = database.transaction(async (tx) => {
      await tx('select')
      await terminateOthers()
      await tx('select')
    })
    await expect(attempt).rejects.toThrow(/terminat|not queryable/)
    await expect(database.query('select 1 as one')).resolves.toMatchObject({ rows: [{ one: 1 }] })
  })

  it('during a transaction leaves the error of the work the one that is thrown', async () => {
    const failure = new Error('the reason')
    const attempt = database.transaction(async (tx) => {
      await tx(terminateOwnSession).catch(() => undefined)
      throw failure
    })
    await expect(attempt).rejects.toBe(failure)
    await expect(database.query('select 1 as one')).resolves.toMatchObject({ rows: [{ one: 1 }] })
  })
})
