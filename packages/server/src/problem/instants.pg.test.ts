import { createTrail } from '@steptrail/core'
import { openTestDatabase } from '@steptrail/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Asking, asked } from '../../test/asking.ts'
import { createServer, type Server } from '../index.ts'

let server: Server
let ask: Asking
beforeAll(async () => {
  server = await createServer({ trail: createTrail(await openTestDatabase('postgres')) })
  ask = asked(server)
  const event = { eventType: 'OPERATION', action: 'config_update', status: 'SUCCESS', serviceName: 'clock' }
  await ask.post('/api/v1/audit/events', event)
})
afterAll(() => server.close())

const lists = ['/api/v1/audit/events?source=clock&', '/api/v1/executions?']

it.each(
  lists.flatMap((list) =>
    ['0000-01-01', '0000-01-01T00:00:00Z', '0001-01-01', '0001-01-01T00:00:00%2B14:00'].map(
      (date) => `${list}start_date=${date}`,
    ),
  ),
)('%s begins with the first that there is', async (path) => {
  const { status, body } = await ask.get(path)
  expect(status).toBe(200)
  expect((body.events ?? body.executions).length).toBe(path.includes('events') ? 1 : 0)
})

it.each(
  lists.flatMap((list) =>
    ['9999-12-31', '9999-12-31T23:59:59.999999Z', '9999-12-31T23:59:59-23:59'].map(
      (date) => `${list}end_date=${date}`,
    ),
  ),
)('%s ends with the last that there is', async (path) => {
  const { status, body } = await ask.get(path)
  expect(status).toBe(200)
  expect((body.events ?? body.executions).length).toBe(path.includes('events') ? 1 : 0)
})

it('a list of what was before the year 1, or comes after 9999, is empty', async () => {
  for (const bound of ['end_date=0000-06-01', 'start_date=9999-12-31T23:59:59-23:59'])
    for (const list of lists) {
      const { status, body } = await ask.get(`${list}${bound}`)
      expect({ bound, status, found: body.events ?? body.executions }).toEqual({
        bound,
        status: 200,
        found: [],
      })
    }
})

it('an export is of all that there is, as well', async () => {
  const { status, text } = await ask.get(
    '/api/v1/audit/events/export?format=ndjson&source=clock&start_date=0000-01-01&end_date=9999-12-31',
  )
  expect(status).toBe(200)
  expect(text).toContain('"action":"config_update"')
  expect(text).toContain('"sha256"')
})

const outside = ['0000-01-01T00:00:00Z', '0001-01-01T00:00:00+14:00', '9999-12-31T23:59:59-23:59']

it.each([
  '/api/v1/audit/workflow-execution',
  '/api/v1/analytics/failing-workflows',
  '/api/v1/catalog/selections',
])('%s names the bound that lies out of the years that there are', async (path) => {
  for (const instant of outside)
    for (const bound of ['since', 'until']) {
      const { status, body } = await ask.get(`${path}?${bound}=${encodeURIComponent(instant)}`)
      expect({ status, parameter: body.parameter }).toEqual({ status: 400, parameter: bound })
      expect(body.detail).toContain('the years 1 to 9999')
    }
})

it('a report on what is before the first window begins with the year 1', async () => {
  const { status, body } = await ask.get('/api/v1/analytics/failing-workflows?until=0001-01-02T00:00:00Z')
  expect({ status, window: body.window }).toEqual({
    status: 200,
    window: { since: '0001-01-01T00:00:00.000Z', until: '0001-01-02T00:00:00.000Z' },
  })
})

it.each([
  [
    'a hold',
    '/api/v1/retention/holds',
    (instant: string) => ({ match: { workflow: 'w', until: instant }, reason: 'a court asked for it' }),
  ],
  ['a key', '/api/v1/keys', (instant: string) => ({ name: 'k', scopes: ['read'], expiresAt: instant })],
  [
    'an audit',
    '/api/v1/audit/workflow-execution',
    (instant: string) => ({
      workflow_name: 'w',
      workflow_version: '1',
      total_steps: 1,
      outcome: 'success',
      status: 'completed',
      completed_at: instant.replace('0001-01', '0000-12'),
    }),
  ],
])('%s with an instant out of the years that there are is refused', async (_, path, bodyWith) => {
  for (const instant of outside) {
    const { status, body } = await ask.post(path, bodyWith(instant))
    expect({ instant, status }).toEqual({ instant, status: 400 })
    expect(body.detail).toContain('the years 1 to 9999')
  }
})

it('an audit of a client that knows no time, and says so in its own zone, is taken', async () => {
  const { status } = await ask.post('/api/v1/audit/workflow-execution', {
    workflow_name: 'w',
    workflow_version: '1',
    total_steps: 1,
    outcome: 'success',
    status: 'completed',
    completed_at: '0001-01-01T00:00:00+01:00',
  })
  expect(status).toBe(201)
})

it('a cursor that somebody made up is refused', async () => {
  const made = (position: object): string => Buffer.from(JSON.stringify(position)).toString('base64url')
  const id = '01a22256-f27c-71b3-b182-62612a919fa8'
  for (const [path, position] of [
    ['/api/v1/executions', { createdAt: '0000-01-01T00:00:00Z', executionId: id }],
    ['/api/v1/audit/workflow-execution', { createdAt: '0000-01-01T00:00:00Z', id }],
    ['/api/v1/catalog/selections', { firstAt: 'yesterday', remediationId: 'r' }],
    ['/api/v1/catalog/selections', { firstAt: '2026-01-01T00:00:00Z', remediationId: 'r\u0000' }],
  ] as const) {
    const { status, body } = await ask.get(`${path}?cursor=${made(position)}`)
    expect({ path, status, code: body.code }).toEqual({ path, status: 400, code: 'invalid_cursor' })
  }
})
