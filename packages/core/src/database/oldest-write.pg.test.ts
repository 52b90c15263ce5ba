import { openTestDatabase, releaseAfterTest } from '@steptrail/testkit'
import { expect, it } from 'vitest'
import { findOldestWrite } from './oldest-write.ts'

it('finds a transaction that was prepared and belongs to no process any more', async () => {
  const database = await openTestDatabase('postgres')
  const name = `of ${database.name}`
  const client = await database.pool.connect()
  await client.query('begin')
  await client.query('select pg_current_xact_id()')
  await client.query(`prepare transaction '${name}'`)
  releaseAfterTest(async () => {
    await client.query(`rollback prepared '${name}'`)
    client.release()
  })
  // Other tests write on the same server, and may have begun before: those end.
  await expect
    .poll(async () => (await findOldestWrite(database.query))?.writer, { timeout: 30_000 })
    .toContain(`the prepared transaction '${name}' of steptrail`)
  expect(await findOldestWrite(database.query)).toMatchObject({ preparedAs: name })
})
