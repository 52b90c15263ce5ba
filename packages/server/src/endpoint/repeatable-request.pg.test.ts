import { createTrail, type Database } from '@steptrail/core'
import { openTestDatabase } from '@steptrail/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answered, type Asking, asked } from '../../test/asking.ts'
import { createServer, type Server } from '../index.ts'

let database: Database
let server: Server
let ask: Asking
beforeAll(async () => {
  database = await openTestDatabase('postgres')
  server = await createServer({ trail: createTrail(database) })
  ask = asked(server)
})
afterAll(() => server.close())

let keys = 0
const withKey = (key = `key ${++keys}`): Readonly<Record<string, string>> => ({ 'idempotency-key': key })

const weights = {
  base: { floor: 0.4, severity: 0.12, component: 0.12, environment: 0.12, priority: 0.12 },
  boosts: { environment: 0.08 },
  penalties: {},
}
const orders: readonly (readonly [string, object])[] = [
  ['/api/v1/retention/holds', { match: { workflow: 'shop' }, reason: 'a court asked for it' }],
  ['/api/v1/retention/policies', { match: { workflow: 'shop' }, keepDays: 400, reason: 'as the law asks' }],
  ['/api/v1/catalog/weights', { weights, reason: 'less of all', actor: { type: 'user', id: 'olga' } }],
  [
    '/api/v1/catalog/workflows',
    {
      actionTypes: [
        {
          actionType: 'Scale',
          what: 'scales',
          whenToUse: 'load',
          whenNotToUse: 'none',
          preconditions: 'none',
        },
      ],
      actor: { type: 'user', id: 'olga' },
    },
  ],
]

const eventsOnRecord = async (): Promise<number> => {
  const { rows } = await database.query<{ events: number }>('select count(*) as events from audit_event')
  return rows[0]?.events ?? 0
}

const sessionThatWaits = async (): Promise<number | undefined> => {
  const { rows } = await database.query<{ pid: number }>(
    `select pid from pg_locks where not granted and relation = 'audit_event'::regclass`,
  )
  return rows[0]?.pid
}

describe('an order with an Idempotency-Key', () => {
  it.each(orders)('%s is carried out once, and answered again as it was', async (path, body) => {
    const headers = withKey()
    const first = await ask.post(path, body, headers)
    expect(first.status).toBeLessThan(300)
    expect(first.headers.get('idempotent-replayed')).toBeNull()
    const before = await eventsOnRecord()
    const again = await ask.post(path, body, headers)
    expect({ status: again.status, body: again.body }).toEqual({ status: first.status, body: first.body })
    expect(again.headers.get('idempotent-replayed')).toBe('true')
    expect(await eventsOnRecord()).toBe(before)
  })

  it.each(orders)('%s is answered as a server of an earlier version has noted it', async (path, body) => {
    const { 'idempotency-key': key = '', ...more } = withKey()
    const headers = { 'idempotency-key': key, ...more }
    const first = await ask.post(path, body, headers)
    const { rowCount } = await database.query(
      `update idempotent_requests set answer = $2::text::jsonb where idempotency_key = $1`,
      [key, JSON.stringify({ noted: first.body })],
    )
    expect(rowCount).toBe(1)
    const again = await ask.post(path, body, headers)
    expect({ status: again.status, body: again.body }).toEqual({ status: first.status, body: first.body })
  })

  it.each(orders)('%s is refused when it is another than the one before', async (path, body) => {
    const headers = withKey()
    await ask.post(path, body, headers)
    const other = await ask.post(path, { ...body, reason: 'another one' }, headers)
    expect({ status: other.status, code: other.body.code }).toEqual({
      status: 422,
      code: 'idempotency_conflict',
    })
  })

  it('is carried out once also where it comes several times at once', async () => {
    const headers = withKey()
    const place = (): Promise<Answered> =>
      ask.post('/api/v1/retention/holds', { match: { workflow: 'at once' }, reason: 'a court' }, headers)
    const answers = await Promise.all([place(), place(), place(), place()])
    const { body } = await ask.get('/api/v1/retention/holds')
    const placed = body.holds.filter(
      (hold: { match: { workflow: string } }) => hold.match.workflow === 'at once',
    )
    expect(placed).toHaveLength(1)
    const others = answers.filter(({ status }) => status !== 201)
    for (const { status, headers: said, body: problem } of others)
      expect({ status, code: problem.code, after: said.get('retry-after') }).toEqual({
        status: 503,
        code: 'server_busy',
        after: '1',
      })
    const last = await place()
    expect(last.body).toEqual({ holdId: placed[0].holdId })
  })

  it('that failed may be tried again', async () => {
    const headers = withKey()
    const release = (id: string): Promise<Answered> =>
      ask.post(`/api/v1/retention/holds/${id}/release`, { reason: 'it is over' }, headers)
    const { body } = await ask.post('/api/v1/retention/holds', {
      match: { workflow: 'w' },
      reason: 'a court',
    })
    const missing = '00000000-0000-4000-8000-000000000000'
    expect((await release(missing)).status).toBe(404)
    expect((await release(missing)).status).toBe(404)
    expect((await release(body.holdId)).body.code).toBe('idempotency_conflict')
  })

  it('is refused for the moment while it is under way, and is once on record though its transaction is ended', async () => {
    const headers = withKey('under way')
    const order = { match: { workflow: 'under way' }, reason: 'a court' }
    const place = (): Promise<Answered> => ask.post('/api/v1/retention/holds', order, headers)
    const holds = async (): Promise<number> => {
      const { body } = await ask.get('/api/v1/retention/holds')
      const found = (body.holds as { readonly match: { readonly workflow?: string } }[]).filter(
        ({ match }) => match.workflow === 'under way',
      )
      return found.length
    }
    // It is recorded at the end, which this holds up.
    const first = await database.transaction(async (tx) => {
      await tx('lock table audit_event in share mode')
      const going = place()
      await expect.poll(sessionThatWaits).not.toBeUndefined()
      const { status, body: problem } = await place()
      expect({ status, code: problem.code }).toEqual({ status: 503, code: 'server_busy' })
      await database.query('select pg_terminate_backend($1)', [await sessionThatWaits()])
      return { answered: await going }
    })
    expect(first.answered.status).toBeGreaterThanOrEqual(500)
    expect(await holds()).toBe(0)
    const again = await Promise.all([place(), place(), place()])
    expect(again.map(({ status }) => status)).toContain(201)
    expect((await place()).headers.get('idempotent-replayed')).toBe('true')
    expect(await holds()).toBe(1)
  })

  it('is described with it', () => {
    const { paths = {} } = server.openApi
    const taking = Object.entries(paths).flatMap(([path, item]) => {
      const { post } = item as { post?: { parameters?: readonly { in: string; name: string }[] } }
      return post?.parameters?.some(({ in: where, name }) => where === 'header' && name === 'idempotency-key')
        ? [path]
        : []
    })
    expect(taking).toEqual(
      expect.arrayContaining(['/api/v1/audit/events', '/api/v1/executions', ...orders.map(([path]) => path)]),
    )
  })
})

it('a request that cannot be noted changes nothing', async () => {
  const own = await openTestDatabase('postgres')
  await using unable = await createServer({ trail: createTrail(own) })
  await own.query('alter function end_request rename to end_no_request')
  const hold = { match: { workflow: 'shop' }, reason: 'a court asked for it' }
  expect((await asked(unable).post('/api/v1/retention/holds', hold, withKey())).status).toBe(500)
  expect((await asked(unable).get('/api/v1/retention/holds')).body).toEqual({ holds: [] })
})
