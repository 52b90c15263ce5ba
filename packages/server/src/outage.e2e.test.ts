import { createTrail, migrate, openDatabase } from '@steptrail/core'
import { startPostgres } from '@steptrail/testkit'
import { expect, it } from 'vitest'
import { asked } from '../test/asking.ts'
import { createServer } from './index.ts'

it('answers a database that is away with 503, never with an empty list, and goes on when it is back', async () => {
  const postgres = await startPostgres()
  await using database = await openDatabase({ url: postgres.url() })
  await migrate(database)
  await using server = await createServer({ trail: createTrail(database), onTrouble: () => undefined })
  const ask = asked(server)
  const record = () => ask.post('/api/v1/audit/events', { eventType: 'OPERATION', action: 'x' })
  expect((await record()).body.created).toBe(1)
  await postgres.halt()
  for (const path of [
    '/api/v1/audit/events',
    '/api/v1/audit/events/export?format=csv',
    '/api/v1/executions',
  ]) {
    const { status, body, headers } = await ask.get(path)
    expect({ path, status, code: body.code }).toEqual({ path, status: 503, code: 'database_unreachable' })
    expect(headers.get('retry-after')).toBe('1')
  }
  expect((await record()).status).toBe(503)
  const { status, body } = await ask.get('/readyz')
  expect({ status, ...body }).toMatchObject({
    status: 'not_ready',
    components: { server: { status: 'ok' }, database: { status: 'failed' }, migration: { status: 'failed' } },
  })
  expect((await ask.get('/healthz')).status).toBe(200)
  const { text } = await ask.get('/metrics')
  expect(text).toContain('steptrail_http_events_total{outcome="created"} 1')
  expect(text).toContain('steptrail_database_up 0')
  await postgres.start()
  expect((await record()).body.created).toBe(1)
  expect((await ask.get('/api/v1/audit/events')).body.events).toHaveLength(2)
})
