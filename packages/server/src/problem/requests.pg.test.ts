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
})
afterAll(() => server.close())

it.each(['/api/v1/log/status?=x', '/api/v1/audit/events?limit=1&=', '/api/v1/executions?=1&limit=1'])(
  '%s is refused: a value without a name would be passed over',
  async (path) => {
    const { status, body } = await ask.get(path)
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'invalid_filter' })
    expect(body.detail).toContain('has a value and no name')
  },
)

it('a value may hold what names end with', async () => {
  const { status } = await ask.get('/api/v1/audit/events?q==&source=a?=&&')
  expect(status).toBe(200)
})

it.each([
  ['/api/v1/engine/workers', {}, 'the field workerUuid (not given) is missing'],
  [
    '/api/v1/retention/holds',
    { match: {} },
    'the field reason (not given) is missing: give one of the type string',
  ],
  ['/api/v1/keys', { name: 7, scopes: ['read'] }, 'the field name (7) is not of the type string'],
])('a body of %s says in a sentence what is missing or of another type', async (path, given, says) => {
  const { status, body } = await ask.post(path, given)
  expect(status).toBe(400)
  expect(body.detail).toContain(says)
})

const lone = 'a\ud800b'

it.each([
  ['/api/v1/retention/holds', { match: { correlationId: lone }, reason: 'a court asked for it' }],
  ['/api/v1/retention/policies', { match: { workflow: lone }, keepDays: 400, reason: 'as the law asks' }],
  ['/api/v1/workflows/search', { query: lone, remediation_id: 'r-1' }],
])('a lone surrogate in a body of %s is refused', async (path, given) => {
  const { status, body } = await ask.post(path, given)
  expect({ status, code: body.code }).toEqual({ status: 400, code: 'invalid_input' })
  expect(body.detail).toContain('a lone surrogate')
})
