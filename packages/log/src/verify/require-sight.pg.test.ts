import { applyGrants, type Database, type Query } from '@steptrail/core'
import { openTestDatabase } from '@steptrail/testkit'
import { beforeAll, expect, it } from 'vitest'
import { operations, record, sealing } from '../../test/logs.ts'
import { verifyTrail } from './verify-trail.ts'

let database: Database
const sealer = sealing()
const actor = { type: 'user', id: 'auditor' } as const

beforeAll(async () => {
  database = await openTestDatabase('postgres')
  await applyGrants(database)
  await record(database, operations(10))
  await sealer.seal(database)
})

/** The database as a member of a role has it. */
function as(role: string): Database {
  const transaction: Database['transaction'] = (work, options) =>
    database.transaction(async (tx) => {
      await tx(`set local role ${role}`)
      return await work(tx)
    }, options)
  const query: Query = (statement, values) => transaction((tx) => tx(statement, values))
  return { ...database, schema: database.schema, kind: database.kind, query, transaction }
}

it.each(['steptrail_sealer', 'steptrail_writer', 'steptrail_admin'])(
  '%s verifies, and it goes on record',
  async (role) => {
    const report = await verifyTrail(as(role), { memory: sealer.memory, actor })
    expect(report).toMatchObject({ outcome: 'verified' })
    const { rows } = await database.query(
      `select from audit_event where event_type = 'TRAIL_VERIFIED' and status = 'SUCCESS'`,
    )
    expect(rows.length).toBeGreaterThan(0)
  },
)

it('the reader, who sees one tenant, is told so, and not that the others are gone', async () => {
  await expect(verifyTrail(as('steptrail_reader'), { memory: sealer.memory, actor })).rejects.toMatchObject({
    code: 'insufficient_privilege',
    message: expect.stringContaining('steptrail_sealer') as string,
  })
})

it('the sealer seals, and no role takes an entry away', async () => {
  await record(database, operations(3))
  expect(await sealer.seal(as('steptrail_sealer'))).toMatchObject({ sealed: expect.any(Number) as number })
  for (const role of ['steptrail_sealer', 'steptrail_writer', 'steptrail_admin', 'steptrail_reader'])
    await expect(as(role).query('delete from log_entries'), role).rejects.toMatchObject({
      code: '42501',
    })
})
