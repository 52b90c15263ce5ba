import { applyGrants, createApiKey, createTrail, type Database, type KeyScope } from '@steptrail/core'
import { describeOnBoth } from '@steptrail/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { asked, type Asking } from '../../test/asking.ts'
import { createServer, type Server } from '../index.ts'

const root = { type: 'user', id: 'root' } as const

describeOnBoth('what is refused', (open) => {
  let database: Database
  let server: Server
  let ask: Asking
  const secrets = new Map<string, string>()
  const bearer = (name: string) => ({ authorization: `Bearer ${secrets.get(name) ?? name}` })
  const make = async (name: string, scopes: readonly KeyScope[], tenant?: string): Promise<void> => {
    const { secret } = await createApiKey(database, { name, scopes, tenant }, root)
    secrets.set(name, secret)
  }
  const lastDenied = async (as: string) =>
    (await ask.get('/api/v1/audit/events?event_type=TRAIL_ACCESS_DENIED&limit=1', bearer(as))).body.events[0]

  beforeAll(async () => {
    database = await open()
    await applyGrants(database)
    server = await createServer({ trail: createTrail(database) })
    ask = asked(server)
    await make('recorder', ['record'])
    await make('administrator', ['admin'])
    await make('acme', ['record', 'read'], 'acme')
    await make('globex', ['record', 'read'], 'globex')
  })
  afterAll(() => server.close())

  it.each([
    ['%00', /^\/api\/v1\/executions\/\ufffd\/timeline$/],
    ['x'.repeat(9_000), /^\/api\/v1\/executions\/x{900}/],
  ])('is on record, though no event could hold the path with %.8s', async (id, path) => {
    const { status } = await ask.get(`/api/v1/executions/${id}/timeline`, bearer('recorder'))
    expect(status).toBe(403)
    expect((await lastDenied('administrator')).details.path).toMatch(path)
  })

  it('is told to no other tenant, and neither is how often it was', async () => {
    for (let round = 0; round < 15; round++) await ask.get('/api/v1/keys', bearer('globex'))
    await ask.get('/api/v1/keys', bearer('acme'))
    const { tenant, details } = await lastDenied('acme')
    expect({ tenant, ...details }).toMatchObject({ tenant: 'acme', path: '/api/v1/keys' })
    expect(details).not.toHaveProperty('passedOver')
  })

  it('of one event takes none with it that stands beside', async () => {
    const tenant = `${'['.repeat(20_000)}${']'.repeat(20_000)}`
    const body = `[{"eventType":"OPERATION","action":"x"},{"eventType":"OPERATION","action":"x","tenant":${tenant}}]`
    const { status, body: answered } = await ask.post('/api/v1/audit/events', body, bearer('acme'))
    expect({ status, results: answered.results }).toMatchObject({
      status: 200,
      results: [{ status: 'created' }, { status: 'rejected', code: 'access_denied' }],
    })
  })

  it('is a secret of this machine that is another, though it be as long', async () => {
    const secret = 'a'.repeat(43)
    const principal = { actor: root, scopes: new Set(['admin'] as const), tenant: null, countedAs: 'local' }
    await using strict = await createServer({
      trail: createTrail(database),
      holdsClock: false,
      local: { secret, principal },
    })
    const { get } = asked(strict)
    expect((await get('/api/v1/keys', bearer(secret))).status).toBe(200)
    for (const other of [`${'a'.repeat(42)}b`, 'a'.repeat(42), `${secret}a`])
      expect((await get('/api/v1/keys', bearer(other))).status).toBe(401)
  })

  it('is counted by address where the key counts for nobody', async () => {
    await using strict = await createServer({
      trail: createTrail(database),
      holdsClock: false,
      rateLimit: { perSecond: 0.01, burst: 2 },
    })
    const { get } = asked(strict)
    const statuses: number[] = []
    for (const name of ['stk_unknown', 'stk_other', 'neither', 'administrator'])
      statuses.push((await get('/api/v1/keys', bearer(name))).status)
    expect(statuses).toEqual([401, 401, 429, 200])
  })
})
