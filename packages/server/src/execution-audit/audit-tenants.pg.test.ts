import { applyGrants, createApiKey, createTrail } from '@steptrail/core'
import { openTestDatabase } from '@steptrail/testkit'
import { expect, it } from 'vitest'
import { asked } from '../../test/asking.ts'
import { postedAudit } from '../../test/posted-audit.ts'
import { createServer } from '../index.ts'

it('an audit that a tenant’s key stores is that tenant’s, and seen by no other', async () => {
  const database = await openTestDatabase('postgres')
  await applyGrants(database)
  await using server = await createServer({ trail: createTrail(database), holdsClock: false })
  const ask = asked(server)
  const bearer = async (name: string, tenant: string) => {
    const wanted = { name, scopes: ['engine', 'read'], tenant } as const
    const { secret } = await createApiKey(database, wanted, { type: 'user', id: 'root' })
    return { authorization: `Bearer ${secret}` }
  }
  const [acme, globex, nobody] = [
    await bearer('acme', 'acme'),
    await bearer('globex', 'globex'),
    await bearer('nobody', 'default'),
  ]
  const path = '/api/v1/audit/workflow-execution'
  expect((await ask.post(path, postedAudit, { ...acme, 'idempotency-key': 'one' })).status).toBe(201)
  expect(
    (await ask.post(path, postedAudit, { ...globex, 'idempotency-key': 'one' })).headers.get(
      'idempotent-replayed',
    ),
  ).toBeNull()
  const seen = async (headers: Record<string, string>) =>
    ((await ask.get(path, headers)).body.audits as readonly unknown[]).length
  expect([await seen(acme), await seen(globex), await seen(nobody)]).toEqual([1, 1, 0])
  expect((await ask.post(path, { ...postedAudit, tenant: 'globex' }, acme)).status).toBe(400)
})
