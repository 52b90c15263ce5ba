import { setTimeout as sleep } from 'node:timers/promises'
import { createEmptyDatabase, databaseKinds, releaseAfterTest } from '@steptrail/testkit'
import { describe, expect, it } from 'vitest'
import { silentServer } from '../../test/silent-server.ts'
import type { Database } from './database.ts'
import { openDatabase, type OpenDatabaseOptions } from './open-database.ts'

const closeTimeoutMs = 300

async function open(options: OpenDatabaseOptions): Promise<Database> {
  const database = await openDatabase({ closeTimeoutMs, ...options })
  releaseAfterTest(() => database.close())
  return database
}

/** Who is in a transaction, or waits for a lock; not who has a connection made. */
const busySessions = async (observer: Database): Promise<unknown> => {
  const { rows } = await observer.query<{ count: number }>(
    `select count(*) from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid()
       and (state = 'idle in transaction' or wait_event_type = 'Lock')`,
  )
  return rows[0]?.count
}

const how = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: unknown) => (error as { code?: string }).code ?? (error as Error).message,
  )

describe.each(databaseKinds)('closing an %s database', (kind) => {
  const place = async (): Promise<OpenDatabaseOptions> =>
    kind === 'postgres' ? { url: await createEmptyDatabase(), maxConnections: 1 } : { dataDir: 'memory://' }

  it('lets what is under way end, and turns those away who wait for a connection', async () => {
    const database = await open({ ...(await place()), closeTimeoutMs: 60_000 })
    const [begun, told] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const transaction = database.transaction(async (tx) => {
      begun.resolve()
      await told.promise
      return tx('select 1 as one')
    })
    await begun.promise
    const waiting = how(database.query('select'))
    const closing = database.close()
    expect(await waiting).toBe('database_closed')
    told.resolve()
    expect((await transaction).rows).toEqual([{ one: 1 }])
    await closing
  })

  it('does not wait for ever for a connection that nobody gives back', async () => {
    const database = await open(await place())
    await database.pool.connect()
    await database.close()
  })
})

it('hears nothing more of a connection that took too long, once it is closed', async () => {
  const database = await open({ url: await createEmptyDatabase(), maxConnections: 1 })
  database.pool.options.connectionTimeoutMillis = 50
  const held = await database.pool.connect()
  const waiting = how(database.query('select'))
  const closing = database.close()
  expect(await waiting).toBe('database_closed')
  // The pool still counts, and what its answer throws would end the process.
  await sleep(100)
  held.release()
  await closing
})

describe('closing a database whose server has fallen silent', () => {
  it('waits for no connection that is being made, which nobody has yet', async () => {
    const server = await silentServer(await createEmptyDatabase())
    server.fallSilent()
    // Nothing ends the connection within the time of the test but closing.
    const database = await open({ url: server.url, closeTimeoutMs: 600_000, mayBeAway: true })
    database.pool.options.connectionTimeoutMillis = 600_000
    const waiting = how(database.query('select'))
    await database.close()
    expect(await waiting).toBe('database_closed')
  })

  it('ends what is in the middle of a transaction, of a statement, of a copy, or of coming in', async () => {
    const url = await createEmptyDatabase()
    const server = await silentServer(url)
    const [database, observer] = [await open({ url: server.url }), await open({ url })]
    await observer.query('create schema steptrail create table things (word text)')
    const { promise: silence, resolve: fallSilent } = Promise.withResolvers<void>()
    const works = [
      database.transaction(async (tx) => {
        await tx('lock table things')
        await silence
      }),
    ].map(how)
    await expect.poll(() => busySessions(observer)).toBe(1)
    works.push(
      how(database.query('select from things')),
      how(database.copy?.('copy things from stdin', Buffer.from('word\n')) ?? Promise.resolve()),
    )
    await expect.poll(() => busySessions(observer)).toBe(3)
    server.fallSilent()
    fallSilent()
    works.push(how(database.query('select')))
    await database.close()
    expect(await Promise.all(works)).toEqual([
      'Connection terminated unexpectedly',
      'Connection terminated unexpectedly',
      'Connection terminated unexpectedly',
      'database_closed',
    ])
  })

  it('does not wait for an answer to its farewell', async () => {
    const server = await silentServer(await createEmptyDatabase())
    const database = await open({ url: server.url })
    const client = await database.pool.connect()
    server.fallSilent()
    const closing = database.close()
    client.release()
    await closing
  })
})
