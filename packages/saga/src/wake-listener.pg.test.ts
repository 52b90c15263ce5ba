import { openDatabase } from '@steptrail/core'
import { createMigratedDatabase, openTestDatabase } from '@steptrail/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { notifyWake, WakeListener } from './wake-listener.ts'
import { type Wake, WakeSignal } from './wake-signal.ts'

test('a connection that breaks while it begins to listen is replaced by one, not by two', async () => {
  const database = await openTestDatabase('postgres')
  const { pool } = database
  const broken = Promise.withResolvers<void>()
  pool.once('acquire', (client) => {
    client.query('select pg_terminate_backend(pg_backend_pid())').catch(() => broken.resolve())
  })
  const listener = new WakeListener(database, new WakeSignal())
  onTestFinished(() => listener.close())
  await listener.open()
  await broken.promise

  const listening = async (): Promise<number> => {
    const { rows } = await database.query<{ count: number }>(
      `select count(*)
       from pg_stat_activity, pg_sleep(0.2)
       where datname = current_database()
         and query like 'listen %'`,
    )
    return rows[0]?.count ?? 0
  }
  await expect.poll(listening).toBeGreaterThan(0)
  expect(await listening()).toBe(1)
})

test('who listens does not take the only connection from those who work', async () => {
  const database = await openDatabase({ url: await createMigratedDatabase(), maxConnections: 1 })
  const listener = new WakeListener(database, new WakeSignal())
  onTestFinished(async () => {
    listener.close()
    await database.close()
  })
  await listener.open()
  expect((await database.query('select 1 as one')).rows).toEqual([{ one: 1 }])
})

test('in a schema of the longest name, what one process tells reaches the others', async () => {
  const schema = 'ü'.repeat(31)
  const database = await openDatabase({ url: await createMigratedDatabase(), schema })
  const heard = Promise.withResolvers<Wake>()
  const signal = new WakeSignal((ended) => heard.resolve({ services: [], clock: false, ended }))
  const listener = new WakeListener(database, signal)
  onTestFinished(async () => {
    listener.close()
    await database.close()
  })
  await listener.open()
  await notifyWake(database, { services: [], clock: false, ended: ['one'] })
  expect((await heard.promise).ended).toEqual(['one'])
})
