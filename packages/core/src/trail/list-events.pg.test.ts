import { randomUUID } from 'node:crypto'
import {
  type AuditEvent,
  entityTypes,
  eventStatuses,
  outcomeOf,
  outcomes,
  severities,
  toEventJson,
  uuidV7,
} from '@steptrail/event'
import { describeOnBoth, openTestDatabase } from '@steptrail/testkit'
import * as fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '../database/database.ts'
import { type EventListRequest, listEvents } from './list-events.ts'
import { type EventToWrite, insertEvents } from './write-events.ts'

const start = Date.parse('2025-10-31T23:59:59.000Z')
const tenant = 'list'

const pick = <Value>(values: readonly Value[], index: number): Value => values[index % values.length] as Value

const at = (ms: number): string => new Date(start + ms).toISOString()

/** 300 events over two months, several in a millisecond, that differ in every column there is a filter for. */
const events: readonly EventToWrite[] = Array.from({ length: 300 }, (_, index) => {
  const ms = start + Math.floor(index / 4) * 7
  return {
    id: uuidV7(ms),
    timestamp: new Date(ms).toISOString(),
    eventType: pick(['OPERATION', 'STEP_SUCCESS', 'shop.order.shipped'], index),
    entityType: pick(entityTypes, index),
    status: pick([...eventStatuses, null], index),
    severity: pick(severities, Math.floor(index / 4)),
    serviceName: pick(['api-service', 'system', null], index),
    executionId: pick(['ABC', 'abc123', '0b7e3c9e-5d0c-4c9a-9f0e-1d2c3b4a5f6e', null], index),
    workflowName: pick(['provision', null], index),
    stepName: pick(['createRealm', 'createClient', null], index),
    operationType: pick(['DO', 'UNDO', null] as const, index),
    correlationId: pick(['rr-1', 'rr-2', null], index),
    actorType: 'user',
    actorId: pick(['ann', 'bob'], index),
    action: pick(['config_update', 'scan_process', null], index),
    message: pick(['50% done', '500 done', 'a_b', 'a.b', String.raw`c:\temp`, null], index),
    reason: pick(['Timeout', null], index),
    details: pick([{ symbol: 'Ångström' }, null], index),
    tenant,
  }
})

const valuesOf = (key: keyof EventToWrite): unknown[] => [
  ...new Set(events.map((event) => event[key] ?? null)),
]

describeOnBoth('listEvents', (open) => {
  let database: Database
  let stored: readonly AuditEvent[]
  const list = (request: EventListRequest) => listEvents(database, { tenant, limit: 1000, ...request })
  const idsOf = async (request: EventListRequest) => (await list(request)).items.map((event) => event.id)

  const within = async (startDate?: string, endDate?: string): Promise<number> =>
    (await list({ startDate, endDate })).items.length
  const count = async (q: string): Promise<number> =>
    (await list({ q, startDate: '2025-10-31' })).items.length

  beforeAll(async () => {
    database = await open()
    await database.transaction((tx) => insertEvents(tx, events))
    stored = (await list({ order: 'asc' })).items
  })

  it('gives every event whole, in the order of time and id', () => {
    const sorted = events.toSorted((a, b) => (a.id < b.id ? -1 : 1))
    expect(stored).toMatchObject(sorted.map((event) => ({ executionSeq: null, recorderId: null, ...event })))
    for (const event of stored) {
      expect(Object.keys(event)).toHaveLength(34)
      expect(toEventJson(event)).not.toHaveProperty('salt')
    }
  })

  it('gives the newest first unless told otherwise, 100 at a time', async () => {
    const page = await listEvents(database, { tenant })
    expect(page.items).toEqual(stored.toReversed().slice(0, 100))
    expect(page.nextCursor).not.toBeNull()
  })

  it('searches what is about one execution or correlation, of whatever time', async () => {
    const of = { correlationId: 'rr-1' } as const
    const expected = (await list(of)).items.filter(({ message }) => message?.includes('done'))
    expect(expected.length).toBeGreaterThan(0)
    expect(await idsOf({ ...of, q: 'DONE' })).toEqual(expected.map(({ id }) => id))
    expect(await idsOf({ executionId: 'nobody', q: 'done' })).toEqual([])
  })

  it.each([
    ['eventType', 'eventType'],
    ['entityType', 'entityType'],
    ['executionId', 'executionId'],
    ['workflowName', 'workflowName'],
    ['stepName', 'stepName'],
    ['operation', 'operationType'],
    ['action', 'action'],
    ['serviceName', 'serviceName'],
    ['correlationId', 'correlationId'],
    ['actor', 'actorId'],
    ['severity', 'severity'],
  ] as const)('filters by %s', async (filter, key) => {
    for (const value of valuesOf(key).filter((each) => each !== null)) {
      const expected = stored.filter((event) => event[key] === value)
      expect(expected.length).toBeGreaterThan(0)
      expect((await list({ [filter]: value, order: 'asc' })).items).toEqual(expected)
    }
  })

  it.each([
    'eventType',
    'executionId',
    'workflowName',
    'stepName',
    'action',
    'serviceName',
    'correlationId',
    'actor',
    'tenant',
  ])('finds nothing where no event has the %s', async (filter) => {
    expect((await list({ [filter]: 'no such' })).items).toEqual([])
  })

  it.each(outcomes)(
    'filters by result %s as an event tells it, and as the view audit_events does',
    async (result) => {
      const found = await idsOf({ result, order: 'asc' })
      expect(found).toEqual(stored.filter((event) => outcomeOf(event) === result).map((event) => event.id))
      const { rows } = await database.query<{ id: string }>(
        `select v.id::text as id from audit_events as v join audit_event as e using (id)
       where e.tenant = $1 and v.result = $2 order by v.id`,
        [tenant, result],
      )
      expect(found).toEqual(rows.map((row) => row.id))
    },
  )

  it.each(['api-service', 'system', 'no such'])(
    'filters by source %s as the view audit_events does',
    async (source) => {
      const { rows } = await database.query<{ id: string }>(
        `select v.id::text as id from audit_events as v join audit_event as e using (id)
       where e.tenant = $1 and v.source = $2 order by v.id`,
        [tenant, source],
      )
      expect(await idsOf({ source, order: 'asc' })).toEqual(rows.map((row) => row.id))
    },
  )

  it('knows the id of an execution of ours in upper case too, and takes others as they are', async () => {
    const ours = '0b7e3c9e-5d0c-4c9a-9f0e-1d2c3b4a5f6e'
    expect(await idsOf({ executionId: ours.toUpperCase() })).toEqual(await idsOf({ executionId: ours }))
    expect(await idsOf({ executionId: 'abc' })).toEqual([])
  })

  it('filters by time: both ends belong to it, and a date alone is the whole day in UTC', async () => {
    expect(await within(at(0), at(0))).toBe(4)
    expect(await within(at(1), at(6))).toBe(0)
    expect(await within(at(7), at(14))).toBe(8)
    expect(await within(at(-1))).toBe(300)
    expect(await within(undefined, at(7))).toBe(8)
    expect(await within('2025-10-31', '2025-10-31')).toBe(300)
    expect(await within('2025-11-01')).toBe(0)
    expect(await within('2025-11-01T05:44:59.007+05:45')).toBe(296)
  })

  it('finds text in any letter case, and takes % and _ for what they are', async () => {
    expect(await count('50%')).toBe(50)
    expect(await count('a_b')).toBe(50)
    expect(await count('%')).toBe(50)
    expect(await count(String.raw`C:\TEMP`)).toBe(50)
    expect(await count('TIMEOUT')).toBe(150)
    expect(await count('ångström')).toBe(150)
    expect(await count('createRealm')).toBe(100)
    expect(await count('config_update')).toBe(100)
    expect(await count('done')).toBe(100)
    expect(await count('no such')).toBe(0)
  })

  it.each([
    ['asc', [2, 1, 1]],
    ['desc', [1, 2, 1]],
  ] as const)('searches 2,000 events a page, and goes on behind them: %s', async (order, found) => {
    const own = `search-${order}`
    await database.query(
      `insert into audit_event (id, "timestamp", event_type, entity_type, tenant, message)
      select uuid_v7(at), at, 'OPERATION', 'OPERATION', $1, case when number in (1, 2000, 2001, 4500) then 'needle' end
      from generate_series(1, 4500) as number
      cross join lateral (
        select date_trunc('day', now()) + number * interval '1 millisecond' as at
      ) as instant`,
      [own],
    )
    const request = { tenant: own, q: 'Needle', startDate: '2025-10-31', order }
    const pages: number[] = []
    let cursor: string | undefined
    do {
      const page = await listEvents(database, { ...request, cursor })
      pages.push(page.items.length)
      cursor = page.nextCursor ?? undefined
    } while (cursor !== undefined)
    expect(pages).toEqual(found)
    expect((await listEvents(database, { ...request, q: 'hay' })).nextCursor).not.toBeNull()
    expect((await listEvents(database, { ...request, limit: 1, offset: 3 })).items).toHaveLength(1)
  })

  it('requires every filter given', async () => {
    const request = { eventType: 'OPERATION', actor: 'ann', correlationId: 'rr-1', order: 'asc' } as const
    const expected = stored.filter(
      (event) => event.eventType === 'OPERATION' && event.actorId === 'ann' && event.correlationId === 'rr-1',
    )
    expect((await list(request)).items).toEqual(expected)
    expect(expected.length).toBeGreaterThan(0)
  })

  it('gives by pages of any size what one large page gives', async () => {
    const requests: fc.Arbitrary<EventListRequest> = fc.record(
      {
        order: fc.constantFrom('asc', 'desc'),
        eventType: fc.constantFrom('OPERATION', 'STEP_SUCCESS'),
        result: fc.constantFrom(...outcomes),
        correlationId: fc.constantFrom('rr-1', 'rr-2'),
        startDate: fc.constantFrom(new Date(start + 100).toISOString()),
        endDate: fc.constantFrom(new Date(start + 400).toISOString()),
      },
      { requiredKeys: [] },
    )
    const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(requests, sizes, async (request, limits) => {
        const whole = await list(request)
        expect(whole.nextCursor).toBeNull()
        const pages: AuditEvent[][] = []
        let cursor: string | undefined
        do {
          const page = await list({ ...request, limit: pick(limits, pages.length), cursor })
          pages.push([...page.items])
          cursor = page.nextCursor ?? undefined
        } while (cursor !== undefined && pages.length <= whole.items.length)
        expect(pages.flat()).toEqual(whole.items)
        expect(pages.slice(0, -1).map((page) => page.length)).toEqual(
          pages.slice(0, -1).map((_, index) => pick(limits, index)),
        )
      }),
      { numRuns: 25 },
    )
  })

  it('shows on the next page what was recorded ahead of it meanwhile, and nothing twice', async () => {
    const own = randomUUID()
    const write = (ms: number) =>
      database.transaction((tx) =>
        insertEvents(tx, [
          {
            id: uuidV7(ms),
            timestamp: new Date(ms).toISOString(),
            eventType: 'OPERATION',
            entityType: 'OPERATION',
            tenant: own,
          },
        ]),
      )
    for (const ms of [1, 2, 3]) await write(start + ms * 10)
    const first = await listEvents(database, { tenant: own, limit: 2, order: 'asc' })
    await write(start + 15)
    await write(start + 25)
    const second = await listEvents(database, { tenant: own, order: 'asc', cursor: first.nextCursor ?? '' })
    expect([...first.items, ...second.items].map((event) => Date.parse(event.timestamp) - start)).toEqual([
      10, 20, 25, 30,
    ])
  })

  it.each([
    [{ eventType: '' }, 'eventType', 'is empty'],
    [{ eventType: 'x'.repeat(256) }, 'eventType', 'is longer than 255'],
    [{ entityType: 'STEPS' }, 'entityType', 'is none of ORCHESTRATION'],
    [{ operation: 'do' }, 'operation', 'is none of DO, UNDO'],
    [{ result: 'SUCCESS' }, 'result', 'is none of success'],
    [{ severity: 'fatal' }, 'severity', 'is none of debug'],
    [{ order: 'up' }, 'order', 'is none of asc, desc'],
    [{ limit: 0 }, 'limit', 'is less than 1'],
    [{ limit: 1001 }, 'limit', 'is more than 1000'],
    [{ limit: 1.5 }, 'limit', 'is not a whole number'],
    [{ limit: '5' }, 'limit', 'is not a whole number'],
    [{ startDate: 'yesterday' }, 'startDate', 'is not ISO 8601'],
    [{ endDate: '2025-02-30' }, 'endDate', 'is not ISO 8601'],
    [{ startDate: '2025-11-05', endDate: '2025-11-04' }, 'endDate', 'lies before startDate (2025-11-05)'],
    [{ q: 'x' }, 'q', 'give a startDate'],
    [{ q: 'x', endDate: '2025-11-04' }, 'q', 'give a startDate'],
    [{ actor: 'a\u0000' }, 'actor', 'holds U+0000'],
    [{ step: 'x' }, 'step', 'is not a filter there is'],
    [{ eventType: null }, 'eventType', ''],
  ])('refuses %j and names the filter', async (request, filter, problem) => {
    const outcome = listEvents(database, request as EventListRequest)
    await expect(outcome).rejects.toMatchObject({ code: 'invalid_filter', details: { filter } })
    await expect(outcome).rejects.toThrow(`the filter ${filter} (`)
    await expect(outcome).rejects.toThrow(problem)
  })

  it('refuses a cursor of another order, and what is none', async () => {
    const { nextCursor } = await listEvents(database, { tenant, limit: 1 })
    const beyondTime = { order: 'asc', after: 'ffffffff-ffff-7000-8000-000000000000' }
    const forged = Buffer.from(JSON.stringify(beyondTime)).toString('base64url')
    for (const cursor of [nextCursor ?? '', '', 'eyJ9', forged])
      await expect(listEvents(database, { order: 'asc', cursor })).rejects.toMatchObject({
        code: 'invalid_cursor',
      })
  })

  it('binds every value, whatever is in it', async () => {
    for (const actor of [`'; drop table audit_event; --`, '$1', '%', String.raw`\'`])
      expect(await idsOf({ actor })).toEqual([])
    expect(await idsOf({})).toHaveLength(300)
  })

  it('reads inside a transaction', async () => {
    const page = await database.transaction((tx) => listEvents({ query: tx }, { tenant }), { readOnly: true })
    expect(page.items).toHaveLength(100)
  })
})

describe('a page of 30,000 events that are alike', () => {
  let database: Database
  let plan = ''
  const explaining =
    (query: Database['query']): Database['query'] =>
    async (statement, values) => {
      const text = typeof statement === 'string' ? statement : statement.text
      if (!text.startsWith('select')) return await query(statement, values)
      const { rows } = await query<object>(`explain (analyze, format json) ${text}`, values)
      plan = JSON.stringify(rows)
      return await query(statement, values)
    }
  const reader = {
    query: explaining((statement, values) => database.query(statement, values)),
    transaction: ((work, options) =>
      database.transaction((tx) => work(explaining(tx)), options)) as Database['transaction'],
  }

  beforeAll(async () => {
    database = await openTestDatabase('postgres')
    await database.query(`
      insert into audit_event (event_type, entity_type, action, service_name)
      select 'OPERATION', 'OPERATION', 'x', 'y' from generate_series(1, 30000)`)
  })

  const isReadInOrder = async (filter: EventListRequest): Promise<void> => {
    expect((await listEvents(reader, filter)).items).toHaveLength(100)
    expect(plan).toContain('"Scan Direction":"Backward"')
    expect(plan).not.toContain('"Node Type":"Sort"')
  }

  it('is read in order, and not sorted, where no index finds it', async () => {
    await isReadInOrder({ result: 'success', severity: 'info', entityType: 'OPERATION', tenant: 'default' })
  })

  it.each(['before', 'when'])('is read in order, and not sorted, %s there are statistics', async (time) => {
    if (time === 'when') await database.query('analyze audit_event')
    for (const filter of [{ action: 'x' }, { serviceName: 'y' }, { action: 'x', serviceName: 'y' }])
      await isReadInOrder({ ...filter, result: 'success' })
  })

  it.each<EventListRequest>([
    { eventType: 'nothing' },
    { entityType: 'SELECTION' },
    { executionId: 'nothing' },
    { workflowName: 'nothing' },
    { stepName: 'nothing' },
    { operation: 'UNDO' },
    { action: 'nothing' },
    { result: 'failure' },
    { source: 'nothing' },
    { serviceName: 'nothing' },
    { correlationId: 'nothing' },
    { actor: 'nothing' },
    { severity: 'critical' },
    { tenant: 'nothing' },
    { action: 'x', actor: 'nothing' },
  ])('passes over no event that is none of %j', async (filter) => {
    for (const startDate of [undefined, '2020-01-01']) {
      expect((await listEvents(reader, { ...filter, startDate })).items).toEqual([])
      expect(plan).not.toMatch(/"Rows Removed by Filter":[1-9]/)
    }
  })
})
