import { createTrail } from '@steptrail/core'
import { uuidV7 } from '@steptrail/event'
import { describeOnBoth } from '@steptrail/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createServer, type Server } from '../index.ts'
import { asked, type Asking } from '../../test/asking.ts'

describeOnBoth('events over HTTP', (open) => {
  let ask: Asking
  let server: Server

  beforeAll(async () => {
    server = await createServer({ trail: createTrail(await open()) })
    ask = asked(server)
  })
  afterAll(() => server.close())

  const post = (body: unknown, mediaType = 'application/json') =>
    ask.post('/api/v1/audit/events', body, { 'content-type': mediaType })
  const list = (query: string) => ask.get(`/api/v1/audit/events?${query}`)

  describe('recording', () => {
    it('takes one event', async () => {
      const { status, body } = await post({
        eventType: 'OPERATION',
        action: 'config_update',
        serviceName: 'one',
      })
      expect(status).toBe(200)
      expect(body).toMatchObject({ created: 1, duplicate: 0, rejected: 0, results: [{ status: 'created' }] })
      const found = await list('source=one')
      expect(found.body.events).toMatchObject([
        { action: 'config_update', source: 'one', result: 'success', operator: null, details: null },
      ])
    })

    it('tells created, duplicate and rejected of each event, in the order given', async () => {
      const timestamp = '2026-11-20T10:00:00.000Z'
      const event = { id: uuidV7(Date.parse(timestamp)), timestamp, eventType: 'OPERATION', action: 'x' }
      const { body } = await post([event, event, { ...event, action: 'y' }, { eventType: 'nonsense' }, 7])
      expect(body).toMatchObject({
        results: [
          { id: event.id, status: 'created' },
          { id: event.id, status: 'duplicate' },
          { id: event.id, status: 'rejected', code: 'event_conflict' },
          { id: null, status: 'rejected', code: 'unknown_event_type' },
          { id: null, status: 'rejected', code: 'invalid_event' },
        ],
        created: 1,
        duplicate: 1,
        rejected: 3,
      })
    })

    it('takes an event a line, and refuses a line that is no JSON by itself', async () => {
      const lines = ['{"eventType":"OPERATION","action":"a"}', '', '{"eventType":', '{"eventType":"a.b.c"}']
      const { body } = await post(lines.join('\n'), 'application/x-ndjson')
      expect(
        body.results.map(({ status, code }: { status: string; code?: string }) => code ?? status),
      ).toEqual(['created', 'invalid_input', 'created'])
    })

    it('wants the time beside an id', async () => {
      const { body } = await post({ id: uuidV7(Date.now()), eventType: 'OPERATION', action: 'x' })
      expect(body.results[0]).toMatchObject({ status: 'rejected', code: 'invalid_event' })
      expect(body.results[0].reason).toContain('timestamp is missing')
    })

    it('records nothing in the name of the trail', async () => {
      const { body } = await post({ eventType: 'TRAIL_EXPORTED', details: { format: 'csv', eventCount: 1 } })
      expect(body.results[0]).toMatchObject({ status: 'rejected', code: 'engine_event_refused' })
    })

    it.each([
      ['text/plain', '{}', 415],
      ['application/json', '{', 400],
      ['application/json', '\ud800'.repeat(3), 400],
    ])('refuses a body of %s: %s', async (mediaType, text, status) => {
      const answer = await post(text, mediaType)
      expect(answer.status).toBe(status)
      expect(answer.body).toMatchObject({ status, code: expect.any(String), action: expect.any(String) })
      expect(answer.headers.get('content-type')).toBe('application/problem+json')
    })
  })

  describe('listing', () => {
    const source = 'stock-data-service'
    const at = (minute: number) => `2026-10-01T10:${String(minute).padStart(2, '0')}:00.000Z`
    beforeAll(async () => {
      const kinds = [
        { action: 'stock_price_download', status: 'SUCCESS' },
        { action: 'scan_process', status: 'FAILED', actorType: 'user', actorId: 'anna@example.com' },
        { action: 'cache_refresh', status: 'WARNING', severity: 'warning' },
      ]
      const events = Array.from({ length: 30 }, (_, index) => ({
        eventType: 'OPERATION',
        serviceName: source,
        timestamp: at(index),
        correlationId: 'rr-2026-1',
        ...kinds[index % 3],
      }))
      await post(events)
    })

    it.each([
      ['', 0],
      ['start_date=2026-10-01&end_date=2026-10-01', 30],
      ['correlation_id=rr-2026-1', 30],
      ['start_date=2026-10-01&operation_type=scan_process', 10],
      ['start_date=2026-10-01&result=warning', 10],
      ['start_date=2026-10-01&result=failure&operation_type=cache_refresh', 0],
      ['start_date=2026-10-01&actor=anna@example.com', 10],
      ['start_date=2026-10-01&limit=7', 7],
      ['start_date=2026-10-01&offset=25', 5],
      ['start_date=2026-10-01T10:20:00Z', 10],
      ['start_date=2026-10-01T12:20:00%2B02:00', 10],
      ['start_date=2026-10-01&q=DOWNLOAD', 10],
      ['start_date=2026-10-01&severity=warning&operation_type=cache_refresh', 10],
    ])('answers %s', async (query, count) => {
      const { status, body } = await list(`source=${source}&${query}`)
      expect(status).toBe(200)
      expect(body.events).toHaveLength(count)
    })

    it('looks at the last seven days without a time, and says so', async () => {
      const { body } = await list('')
      expect(Date.now() - Date.parse(body.window.start_date)).toBeGreaterThanOrEqual(7 * 86_400_000)
      expect(body.window.end_date).toBeNull()
      expect((await list('correlation_id=rr-2026-1')).body.window.start_date).toBeNull()
    })

    it('pages through all of them once, and counts them when asked', async () => {
      const seen: string[] = []
      let query = `source=${source}&start_date=2026-10-01&limit=7&include_total=true`
      for (;;) {
        const { body } = await list(query)
        expect(body.total).toBe(30)
        seen.push(...body.events.map(({ timestamp }: { timestamp: string }) => timestamp))
        if (body.next_cursor === null) break
        query = `source=${source}&limit=7&include_total=true&cursor=${body.next_cursor}`
      }
      expect(seen).toEqual(Array.from({ length: 30 }, (_, index) => at(29 - index)))
    })

    it('refuses a cursor that somebody has changed', async () => {
      const { body } = await list(`source=${source}&start_date=2026-10-01&limit=7`)
      const cursor = body.next_cursor as string
      const held = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as object
      const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
      for (const changed of [
        `${cursor}.`,
        Buffer.from(JSON.stringify(held, null, 1)).toString('base64url'),
        encoded({ ...held, after: 'x' }),
        encoded({ ...held, start: 'yesterday' }),
        encoded({ ...held, more: 1 }),
      ]) {
        const answer = await list(`source=${source}&limit=7&cursor=${encodeURIComponent(changed)}`)
        expect(answer.status, changed).toBe(400)
      }
    })

    it.each([
      ['limit=0', 'limit', '1 to 1000'],
      ['limit=abc', 'limit', '"abc"'],
      ['limit=1001', 'limit', '1 to 1000'],
      ['limit=1&limit=2', 'limit', '1 to 1000'],
      ['offset=-1', 'offset', '0 to 1000000'],
      ['result=great', 'result', 'success, failure, warning'],
      ['start_date=yesterday', 'start_date', 'ISO 8601'],
      ['start_date=2026-02-30', 'start_date', 'ISO 8601'],
      ['start_date=2026-03-02&end_date=2026-03-01', 'end_date', 'swap them'],
      ['cursor=abc', 'cursor', 'start again'],
      ['source=', 'source', 'is empty'],
      ['nonsense=1', 'nonsense', 'not known'],
      ['source=%00', 'source', 'U+0000'],
    ])('refuses %s by naming it', async (query, parameter, allowed) => {
      const { status, body } = await list(query)
      expect({ status, parameter: body.parameter }).toEqual({ status: 400, parameter })
      expect(body.detail).toContain(parameter)
      expect(body.detail).toContain(allowed)
    })
  })
})
