import { createHash } from 'node:crypto'
import { createTrail, type Database } from '@steptrail/core'
import { describeOnBoth } from '@steptrail/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { asked, type Asking } from '../../test/asking.ts'
import { createServer, type Server } from '../index.ts'

const nasty = 'a,b "quoted"\nnext line; ä🙂'

describeOnBoth('exporting events', (open) => {
  let database: Database
  let server: Server
  let ask: Asking
  beforeAll(async () => {
    database = await open()
    server = await createServer({ trail: createTrail(database) })
    ask = asked(server)
    const events = Array.from({ length: 2500 }, (_, index) => ({
      eventType: 'OPERATION',
      action: 'scan_process',
      serviceName: 'scanner',
      resourceId: `=cmd|'/c calc'!A${index}`,
      message: nasty,
      details: { index },
    }))
    await ask.post('/api/v1/audit/events', events)
  })
  afterAll(() => server.close())

  const exportAs = (format: string, query = 'source=scanner') =>
    ask.get(`/api/v1/audit/events/export?format=${format}&${query}`)
  const told = async () => {
    const { body } = await ask.get('/api/v1/audit/events?event_type=TRAIL_EXPORTED')
    return body.events as readonly {
      readonly status: string
      readonly details: Readonly<Record<string, unknown>>
    }[]
  }

  it('gives NDJSON whole, with a trailer that attests it, and is on record', async () => {
    const { status, text, headers } = await exportAs('ndjson')
    expect(status).toBe(200)
    expect(headers.get('content-disposition')).toContain('steptrail-events.ndjson')
    const lines = text.trimEnd().split('\n')
    const { trailer } = JSON.parse(lines.pop() ?? '') as { trailer: { events: number; sha256: string } }
    const body = `${lines.join('\n')}\n`
    expect(trailer).toEqual({ events: 2500, sha256: createHash('sha256').update(body).digest('hex') })
    expect(lines.map((line) => (JSON.parse(line) as { details: { index: number } }).details.index)).toEqual(
      Array.from({ length: 2500 }, (_, index) => index),
    )
    expect((await told())[0]).toMatchObject({
      status: 'SUCCESS',
      details: { format: 'ndjson', eventCount: 2500, digest: trailer.sha256, filters: { source: 'scanner' } },
    })
  })

  it('gives CSV that a spreadsheet opens as it was', async () => {
    const { text, headers } = await exportAs('csv', 'source=scanner&q=scan&start_date=2026-01-01')
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8')
    const rows = parseCsv(text)
    const [names = [], first = []] = rows
    expect(names[0]).toBe('\ufeffid')
    expect(rows.every((row) => row.length === names.length)).toBe(true)
    expect(rows).toHaveLength(2502)
    const cell = (name: string) => first[names.indexOf(name)]
    expect(cell('message')).toBe(nasty)
    expect(cell('resource_id')).toBe(`'=cmd|'/c calc'!A0`)
    expect(JSON.parse(cell('details') ?? '')).toEqual({ index: 0 })
    expect(names).not.toContain('salt')
    const trailer = text.lastIndexOf('# 2500 events')
    const sha256 = createHash('sha256').update(text.slice(0, trailer)).digest('hex')
    expect(rows.at(-1)?.slice(0, 2)).toEqual(['# 2500 events', `sha256 ${sha256}`])
  })

  it('gives Parquet whole, whose metadata attest what comes before them', async () => {
    const response = await server.fetch(
      new Request('http://127.0.0.1:4680/api/v1/audit/events/export?format=parquet&source=scanner'),
    )
    expect(response.headers.get('content-type')).toBe('application/vnd.apache.parquet')
    const file = Buffer.from(await response.arrayBuffer())
    expect([file.subarray(0, 4).toString(), file.subarray(-4).toString()]).toEqual(['PAR1', 'PAR1'])
    const [exported] = await told()
    expect(exported?.details).toMatchObject({ format: 'parquet', eventCount: 2500 })
    const footer = file.toString('latin1')
    expect(footer).toContain(`steptrail.events\u0018\u00042500`)
    expect(footer).toContain(String(exported?.details['digest']))
  })

  it('leaves out what is recorded while it runs', async () => {
    const request = new Request('http://localhost/api/v1/audit/events/export?format=ndjson&source=scanner')
    const response = await server.fetch(request)
    await ask.post('/api/v1/audit/events', { eventType: 'OPERATION', action: 'late', serviceName: 'scanner' })
    const text = await response.text()
    expect(text).toContain('"events":2500')
    expect(text).not.toContain('"late"')
  })

  it('is on record as not whole when the caller hangs up', async () => {
    const request = new Request('http://localhost/api/v1/audit/events/export?format=csv')
    const reader = (await server.fetch(request)).body?.getReader()
    await reader?.read()
    await reader?.read()
    await reader?.cancel()
    const [ended] = await told()
    expect(ended?.status).toBe('FAILED')
    expect(ended?.details['eventCount']).toBeGreaterThan(0)
    expect(ended?.details['eventCount']).toBeLessThan(2500)
  })

  it.each(['format=xml', '', 'format=csv&limit=3', 'format=csv&result=odd'])('refuses %j', async (query) => {
    expect((await ask.get(`/api/v1/audit/events/export?${query}`)).status).toBe(400)
  })
})

/** RFC 4180, as a spreadsheet reads it. */
function parseCsv(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [[]]
  for (const [, quoted, plain = '', end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain)
    if (end === '\r\n') rows.push([])
  }
  return rows.filter((row) => row.length > 1)
}
