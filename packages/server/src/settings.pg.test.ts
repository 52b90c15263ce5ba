import { request as httpRequest } from 'node:http'
import { createTrail, type Database } from '@steptrail/core'
import { openTestDatabase } from '@steptrail/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asked, type Asking } from '../test/asking.ts'
import { openShop } from '../test/shop.ts'
import { createServer, type Server } from './index.ts'

let database: Database
let server: Server
let ask: Asking
beforeAll(async () => {
  database = await openTestDatabase('postgres')
  server = await createServer({
    trail: createTrail(database),
    corsOrigins: ['https://app.example'],
    recordsReading: true,
  })
  ask = asked(server)
})
afterAll(() => server.close())

const eventsOf = async (query: string) =>
  (await ask.get(`/api/v1/audit/events?${query}`)).body.events as readonly {
    readonly id: string
    readonly details: Readonly<Record<string, unknown>>
  }[]

describe('CORS', () => {
  const preflight = (origin: string) =>
    server.fetch(
      new Request('http://localhost/api/v1/audit/events', {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST' },
      }),
    )

  it('is for the origins that were named, and for no others', async () => {
    const own = await preflight('https://app.example')
    expect(own.headers.get('access-control-allow-origin')).toBe('https://app.example')
    expect((await preflight('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull()
    const { headers } = await ask.get('/healthz', { origin: 'https://app.example' })
    expect(headers.get('access-control-allow-origin')).toBe('https://app.example')
    for (const header of ['x-request-id', 'retry-after', 'link', 'location'])
      expect(headers.get('access-control-expose-headers')?.split(',')).toContain(header)
  })

  it('is off unless it is configured', async () => {
    await using plain = await createServer({ trail: createTrail(database), holdsClock: false })
    const { headers } = await asked(plain).get('/healthz', { origin: 'https://app.example' })
    expect(headers.get('access-control-allow-origin')).toBeNull()
  })
})

describe('reading', () => {
  it('is on record, before anything is shown, with what was asked for', async () => {
    await ask.get('/api/v1/audit/events?source=nobody')
    await ask.get('/api/v1/executions/019a4f0c-5c7b-7000-8000-00000000dead/evidence')
    const others = ['/api/v1/audit/workflow-execution', '/api/v1/catalog/selections/incident-7']
    for (const path of others) await ask.get(path)
    const read = await eventsOf('event_type=TRAIL_READ&order=asc')
    const told = read.map(({ details }) => details)
    expect(told).toContainEqual({
      method: 'GET',
      path: '/api/v1/audit/events',
      query: { source: 'nobody' },
    })
    expect(told).toContainEqual({
      method: 'GET',
      path: '/api/v1/executions/019a4f0c-5c7b-7000-8000-00000000dead/evidence',
      query: {},
    })
    for (const path of others) expect(told).toContainEqual({ method: 'GET', path, query: {} })
    const [before] = await eventsOf('event_type=TRAIL_READ&limit=1')
    await ask.get('/healthz')
    await ask.get('/api/v1/limits')
    const [after] = await eventsOf('event_type=TRAIL_READ&limit=1')
    expect(after?.details).toEqual(before?.details)
  })
})

describe('an Idempotency-Key', () => {
  const headers = { 'idempotency-key': 'once' }

  it('puts events without ids on record once, whatever became of the first request', async () => {
    const events = [
      { eventType: 'OPERATION', action: 'again', message: '1' },
      { eventType: 'OPERATION', action: 'again', message: '2' },
    ]
    const first = await ask.post('/api/v1/audit/events', events, headers)
    const second = await ask.post('/api/v1/audit/events', events, headers)
    const idsOf = (body: { results: readonly { id: string }[] }) => body.results.map(({ id }) => id)
    expect([first.body.created, second.body.created, second.body.duplicate]).toEqual([2, 0, 2])
    expect(idsOf(second.body)).toEqual(idsOf(first.body))
    expect(await eventsOf('operation_type=again')).toHaveLength(2)
    const other = await ask.post('/api/v1/audit/events', events.slice(1), headers)
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_conflict'])
    const empty = await ask.post('/api/v1/audit/events', events, { 'idempotency-key': 'k'.repeat(300) })
    expect([empty.status, empty.body.parameter]).toEqual([400, 'Idempotency-Key'])
  })

  it('carries an order out once', async () => {
    await using shop = { ...(await openShop(database)), [Symbol.asyncDispose]: () => shop.close() }
    const { body: started } = await ask.post('/api/v1/executions', {
      workflow: 'shop',
      input: { card: 'stolen' },
    })
    await shop.until(started.executionId, 'blocked')
    const path = `/api/v1/executions/${started.executionId}/actions`
    const order = { action: 'cancel', reason: 'fraud', actor: { type: 'user', id: 'anna' } }
    const key = { 'idempotency-key': 'cancel-1' }
    expect((await ask.post(path, order, key)).status).toBe(200)
    expect((await ask.post(path, order, key)).status).toBe(200)
    expect((await ask.post(path, order)).body.code).toBe('order_refused')
    expect((await ask.post(path, { ...order, reason: 'other' }, key)).status).toBe(422)
  })
})

it.each(['/healthz', '/api/v1/audit/events', '/nowhere', '/api/v1/audit/events?nonsense=1'])(
  'lets nobody frame, sniff or keep what %s answers',
  async (path) => {
    const { headers } = await ask.get(path)
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
  },
)

it('tells a browser that was brought here by another name that it is none of ours', async () => {
  const { url } = await server.listen({ port: 0 })
  const statusAs = (host: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      const asking = httpRequest(`${url}/api/v1/executions`, { headers: { host } }, (answer) => {
        answer.resume()
        resolve(answer.statusCode)
      })
      asking.on('error', reject).end()
    })
  expect(await statusAs('rebound.example:4680')).toBe(403)
  expect(await statusAs('localhost:4680')).toBe(200)
})
