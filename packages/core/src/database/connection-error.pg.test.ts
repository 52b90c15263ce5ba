import { createEmptyDatabase } from '@steptrail/testkit'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { connectionError } from './connection-error.ts'

test('who waits in vain for a connection that others hold is not told to check host and firewall', async () => {
  const connectionString = await createEmptyDatabase()
  const pool = new pg.Pool({ connectionString, max: 1, connectionTimeoutMillis: 1_000 })
  const held = await pool.connect()
  onTestFinished(async () => {
    held.release()
    await pool.end()
  })
  const error = await pool.connect().then(
    () => expect.fail('connected'),
    (cause: unknown) => connectionError(cause, 'the database'),
  )
  expect(error).toMatchObject({ code: 'database_unreachable', details: { cause: 'ETIMEDOUT' } })
  expect(error.message).toMatch(/all connections of this program are in use, or none can be made/)
})
