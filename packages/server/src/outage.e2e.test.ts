import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTrail, migrate, openDatabase } from '@steptrail/core'
import { embeddedDirectory, openTestDatabase, releaseAfterTest, startPostgres } from '@steptrail/testkit'
import { expect, it } from 'vitest'
import { asked } from '../test/asking.ts'
import { createServer } from './index.ts'

it('says how it is while the database hangs', async () => {
  const postgres = await startPostgres()
  releaseAfterTest(() => postgres.stop())
  await using database = await openDatabase({ url: postgres.url(), closeTimeoutMs: 0 })
  await migrate(database)
  await using server = await createServer({ trail: createTrail(database), onTrouble: () => undefined })
  const ask = asked(server)
  expect((await ask.get('/readyz')).body.components.clock).toEqual({ status: 'ok' })
  await postgres.suspend()
  const { body } = await ask.get('/readyz')
  const detail =
    'the database has not answered within 3000 ms: see whether it hangs, or is out of connections'
  expect(body).toMatchObject({
    status: 'not_ready',
    components: { server: { status: 'ok' }, database: { status: 'failed', detail } },
  })
  const { text } = await ask.get('/metrics')
  expect(text).toContain('steptrail_database_up 0')
  expect(text).toContain('steptrail_server_role{role="api"} 1')
  await postgres.resume()
  await expect.poll(async () => (await ask.get('/readyz')).status, { timeout: 20_000 }).toBe(200)
})

it('says when what wakes retries cannot, and that requests go on', async () => {
  await using database = await openTestDatabase('postgres')
  await using server = await createServer({ trail: createTrail(database), onTrouble: () => undefined })
  const ask = asked(server)
  await database.query('alter table workflow_clock rename to elsewhere')
  const clock = async () => (await ask.get('/readyz')).body
  await expect.poll(clock).toMatchObject({ status: 'ready', components: { clock: { status: 'degraded' } } })
  expect((await ask.get('/metrics')).text).toContain('steptrail_server_role_trouble{role="clock"} 1')
  await database.query('alter table elsewhere rename to workflow_clock')
  await expect.poll(clock).toMatchObject({ components: { clock: { status: 'ok' } } })
})

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

it('says what is to be done about a database that is away, and a spool that takes nothing, until both are well', async () => {
  const postgres = await startPostgres()
  releaseAfterTest(() => postgres.stop())
  await using database = await openDatabase({ url: postgres.url() })
  await migrate(database)
  const directory = await embeddedDirectory()
  const place = join(directory, 'spool')
  await writeFile(place, 'a file in the place of a directory')
  const logger = { warn: () => undefined, error: () => undefined }
  const settings = { spoolDirectory: place, retryMinMs: 5, retryMaxMs: 50, logger }
  await using trail = createTrail(database, { recorder: settings })
  await using server = await createServer({ trail, onTrouble: () => undefined })
  const ask = asked(server)
  const components = async () => (await ask.get('/readyz')).body.components
  await expect.poll(components).toMatchObject({ recorder: { status: 'ok' }, database: { status: 'ok' } })
  await postgres.halt()
  trail.record({ eventType: 'OPERATION', action: 'meanwhile' })
  const away =
    'the database cannot be reached: nothing listens there: check host and port, and that the server runs'
  await expect.poll(components).toMatchObject({
    database: { status: 'failed', detail: away },
    recorder: { status: 'degraded', detail: expect.stringContaining(place) },
  })
  await rm(place)
  await expect.poll(components).toMatchObject({ recorder: { status: 'degraded', detail: away } })
  await postgres.start()
  await expect.poll(components).toMatchObject({ recorder: { status: 'ok' }, database: { status: 'ok' } })
  await expect.poll(() => trail.recorder.counts()).toMatchObject({ pending: 0 })
})
