import { createApiKey, createTrail, type Database } from '@steptrail/core'
import { openTestDatabase } from '@steptrail/testkit'
import { beforeAll, expect, it, onTestFinished } from 'vitest'
import { asked } from '../../test/asking.ts'
import { createServer } from '../index.ts'

let database: Database
beforeAll(async () => {
  database = await openTestDatabase('postgres')
})

const open = async () => {
  const server = await createServer({ trail: createTrail(database), holdsClock: false })
  onTestFinished(() => server.close())
  return server
}

it('answers to this machine only, by any of its names, as long as nobody is asked who they are', async () => {
  const server = await open()
  const statusOf = async (host: string) =>
    (await server.fetch(new Request(`http://${host}/api/v1/executions`))).status
  for (const host of ['localhost:4680', '127.0.0.1', '[::1]:4680'])
    expect(await statusOf(host), host).toBe(200)
  for (const host of ['rebound.example', '10.0.0.7:4680']) expect(await statusOf(host), host).toBe(403)
})

it.each(['0.0.0.0', '::', '10.0.0.7', 'db.example'])(
  'refuses to listen on %s without authentication',
  async (host) => {
    const server = await open()
    await expect(server.listen({ host, port: 0 })).rejects.toMatchObject({ code: 'address_refused' })
  },
)

it('makes no key for a tenant where no roles keep tenants apart', async () => {
  const { post } = asked(await open())
  const { body } = await post('/api/v1/keys', { name: 't', scopes: ['read'], tenant: 'acme' })
  expect(body.detail).toContain('steptrail migrate --roles')
})

it('asks who it is as soon as there is a key, and then listens anywhere', async () => {
  const server = await open()
  const { get } = asked(server)
  expect((await get('/api/v1/executions')).status).toBe(200)
  await createApiKey(database, { name: 'first', scopes: ['read'] }, { type: 'user', id: 'root' })
  expect((await get('/api/v1/executions')).status).toBe(401)
  expect((await get('/healthz')).status).toBe(200)
  const listening = await server.listen({ host: '0.0.0.0', port: 0 })
  expect((await fetch(`http://127.0.0.1:${listening.port}/api/v1/executions`)).status).toBe(401)
})
