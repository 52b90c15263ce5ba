import { createApiKey, createTrail, revokeApiKey } from '@steptrail/core'
import { openTestDatabase } from '@steptrail/testkit'
import { expect, it, vi } from 'vitest'
import { asked } from '../../test/asking.ts'
import { shop } from '../../test/shop.ts'
import { createServer } from '../index.ts'

const root = { type: 'user', id: 'root' } as const
const worker = '019a4f0c-5c7b-7000-8000-000000000001'
const { definition } = shop

it('says to who waited for work that its key was revoked', async () => {
  const database = await openTestDatabase('postgres')
  await using server = await createServer({ trail: createTrail(database) })
  const ask = asked(server)
  const { key, secret } = await createApiKey(database, { name: 'waiter', scopes: ['engine'] }, root)
  const headers = { authorization: `Bearer ${secret}` }
  const wait = (timeoutMs: number) =>
    ask.get(`/api/v1/engine/work?service=shop-service&timeout_ms=${timeoutMs}`, headers)
  expect((await wait(1)).status).toBe(200)
  const uses = vi.spyOn(database, 'query')
  const waiting = wait(1_000)
  await vi.waitFor(() => expect(uses.mock.settledResults[0]?.type).toBe('fulfilled'))
  await revokeApiKey(database, key.keyId, root)
  const { status, body } = await waiting
  expect({ status, code: body.code }).toEqual({ status: 401, code: 'unauthenticated' })
})

it('gives a worker nothing whose key was revoked while it waited', async () => {
  const database = await openTestDatabase('postgres')
  await using server = await createServer({ trail: createTrail(database), waits: 1 })
  const ask = asked(server)
  const made = async (name: string) => {
    const { key, secret } = await createApiKey(
      database,
      { name, scopes: ['engine', 'operate', 'read'] },
      root,
    )
    return { keyId: key.keyId, headers: { authorization: `Bearer ${secret}` } }
  }
  const [waiter, other] = [await made('waiter'), await made('other')]
  const implemented = { workflowName: 'shop', workflowVersion: '1', stepName: 'charge' }
  const registration = {
    workerUuid: worker,
    service: 'shop-service',
    implements: [implemented],
    definitions: [definition],
    leaseMs: 30_000,
    host: 'elsewhere',
    pid: 1,
    version: null,
  }
  expect((await ask.post('/api/v1/engine/workers', registration, waiter.headers)).status).toBe(200)
  const request = { limit: 1, waitMs: 20_000, service: 'shop-service' }
  const claim = () => ask.post(`/api/v1/engine/workers/${worker}/claims`, request, waiter.headers)
  let waiting = claim()
  // The one place for those who wait may be taken by the look whether it is.
  const anotherWait = async () => {
    const ended = await Promise.race([waiting, Promise.resolve(null)])
    if (ended?.status === 503) waiting = claim()
    return (await ask.get('/api/v1/engine/work?service=shop-service&timeout_ms=1', other.headers)).status
  }
  await expect.poll(anotherWait, { interval: 10, timeout: 20_000 }).toBe(503)
  await revokeApiKey(database, waiter.keyId, root)
  const start = { workflow: 'shop', input: { card: 'visa' } }
  const { executionId } = (await ask.post('/api/v1/executions', start, other.headers)).body
  const { status, body } = await waiting
  expect({ status, code: body.code }).toEqual({ status: 401, code: 'unauthenticated' })
  const { steps } = (await ask.get(`/api/v1/executions/${executionId}`, other.headers)).body
  expect(steps[0]).toMatchObject({ name: 'charge', status: 'enqueued' })
})
