import {
  applyGrants,
  createApiKey,
  createTrail,
  type Database,
  type KeyScope,
  reports,
  revokeApiKey,
} from '@steptrail/core'
import { describeOnBoth } from '@steptrail/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asked, type Asking } from '../../test/asking.ts'
import { openShop } from '../../test/shop.ts'
import { messagesOf } from '../../test/sse.ts'
import { createServer, type Server } from '../index.ts'

const root = { type: 'user', id: 'root' } as const

describeOnBoth('access', (open) => {
  let database: Database
  let server: Server
  let ask: Asking
  let bearer: (name: string) => Record<string, string>
  const secrets = new Map<string, string>()

  beforeAll(async () => {
    database = await open()
    await applyGrants(database)
    server = await createServer({ trail: createTrail(database) })
    ask = asked(server)
    bearer = (name) => ({ authorization: `Bearer ${secrets.get(name) ?? name}` })
    await make('recorder', ['record'])
    await make('reader', ['read'])
    await make('engine', ['engine', 'record'])
    await make('administrator', ['admin'])
    await make('acme', ['record', 'read', 'operate'], 'acme')
    await make('globex', ['record', 'read', 'operate'], 'globex')
  })
  afterAll(() => server.close())

  const make = async (name: string, scopes: readonly KeyScope[], tenant?: string): Promise<void> => {
    const { secret } = await createApiKey(database, { name, scopes, tenant }, root)
    secrets.set(name, secret)
  }
  const record = (as: string, event: object) =>
    ask.post('/api/v1/audit/events', { eventType: 'OPERATION', action: 'x', ...event }, bearer(as))
  const list = async (as: string, query: string) =>
    (await ask.get(`/api/v1/audit/events?${query}`, bearer(as))).body.events as readonly Record<
      string,
      unknown
    >[]

  describe('who asks', () => {
    it.each([
      ['nothing', {}],
      ['another scheme', { authorization: 'Basic abc' }],
      ['an unknown key', { authorization: 'Bearer stk_abcdefgh' }],
      ['a token, where there is no issuer', { authorization: 'Bearer eyJhbGciOiJub25lIn0.e30.' }],
    ])('is refused with %s', async (_, headers) => {
      const { status, headers: answered, body } = await ask.get('/api/v1/audit/events', headers)
      expect({ status, code: body.code }).toEqual({ status: 401, code: 'unauthenticated' })
      expect(answered.get('www-authenticate')).toContain('Bearer')
    })

    it('is refused with a key that expired or was revoked, which the answer says', async () => {
      const expiresAt = '2020-01-01T00:00:00Z'
      const old = await createApiKey(database, { name: 'old', scopes: ['read'], expiresAt }, root)
      const lost = await createApiKey(database, { name: 'lost', scopes: ['read'] }, root)
      await revokeApiKey(database, lost.key.keyId, root)
      for (const [{ secret }, state] of [
        [old, 'expired'],
        [lost, 'revoked'],
      ] as const) {
        const { status, body } = await ask.get('/api/v1/audit/events', { authorization: `Bearer ${secret}` })
        expect(status).toBe(401)
        expect(body.detail).toContain(state)
      }
    })

    it('is on record as the actor, whatever the event says; whom it names stands beside', async () => {
      await record('recorder', {
        serviceName: 'said',
        actorType: 'user',
        actorId: 'mallory',
        details: { a: 1 },
      })
      await record('recorder', { serviceName: 'said', correlationId: 'silent' })
      const [silent, named] = await list('reader', 'source=said')
      expect(named).toMatchObject({
        actorType: 'service',
        actorId: 'recorder',
        details: { a: 1, givenActor: { type: 'user', id: 'mallory' } },
      })
      expect(silent).toMatchObject({ actorId: 'recorder', details: null })
    })
  })

  describe('what it may do', () => {
    it.each([
      ['recorder', 'GET', '/api/v1/audit/events', 'read'],
      ['recorder', 'GET', '/api/v1/audit/events/export?format=csv', 'read'],
      ['recorder', 'GET', '/api/v1/audit/events/stream', 'read'],
      ['recorder', 'GET', '/api/v1/executions', 'read'],
      ['reader', 'POST', '/api/v1/audit/events', 'record'],
      ['reader', 'POST', '/api/v1/executions', 'operate'],
      ['reader', 'POST', '/api/v1/executions/019a4f0c-5c7b-7000-8000-00000000dead/actions', 'operate'],
      ['acme', 'GET', '/api/v1/keys', 'admin'],
      ['engine', 'POST', '/api/v1/keys', 'admin'],
    ])('%s may not %s %s, and that it tried is on record', async (name, method, path, scope) => {
      const { status, body } = await ask.send(path, { method, headers: bearer(name) })
      expect({ status, code: body.code }).toEqual({ status: 403, code: 'access_denied' })
      const [denied] = await list('administrator', `event_type=TRAIL_ACCESS_DENIED&actor=${name}&limit=1`)
      expect(denied).toMatchObject({
        result: 'failure',
        severity: 'warning',
        actorId: name,
        reason: expect.stringContaining(`needs the scope ${scope}`),
        details: { method, path: path.split('?')[0], scope },
      })
    })

    it('an administrator may do all of it', async () => {
      expect((await record('administrator', {})).body.created).toBe(1)
      expect((await ask.get('/api/v1/keys', bearer('administrator'))).status).toBe(200)
    })

    it.each(['STEP_SUCCESS', 'ORCHESTRATION_COMPLETED'])(
      'records no %s without the scope engine',
      async (eventType) => {
        const { body } = await record('recorder', { eventType })
        expect(body.results[0]).toMatchObject({ status: 'rejected', code: 'engine_event_refused' })
        const engine = await record('engine', { eventType })
        expect(engine.body.results[0].code).not.toBe('engine_event_refused')
      },
    )
  })

  describe('a tenant', () => {
    const everywhere = 'start_date=2026-01-01'
    let execution = ''
    let shop: Awaited<ReturnType<typeof openShop>>
    beforeAll(async () => {
      shop = await openShop(database)
      await record('acme', { serviceName: 'tenants', message: 'of acme' })
      await record('globex', { serviceName: 'tenants', message: 'of globex' })
      const started = await ask.post(
        '/api/v1/executions',
        { workflow: 'shop', input: { card: 'x' } },
        bearer('acme'),
      )
      execution = started.body.executionId as string
      await shop.until(execution, 'completed')
    })
    afterAll(() => shop.close())

    it('sees what is its own, and nothing else', async () => {
      const own = await list('acme', everywhere)
      expect(own.length).toBeGreaterThan(1)
      expect(new Set(own.map(({ tenant }) => tenant))).toEqual(new Set(['acme']))
      expect(new Set((await list('globex', everywhere)).map(({ tenant }) => tenant))).toEqual(
        new Set(['globex']),
      )
      expect(await list('globex', `${everywhere}&tenant=acme`)).toEqual([])
      expect(await list('globex', `execution_id=${execution}`)).toEqual([])
      const counted = await ask.get(`/api/v1/audit/events?tenant=acme&include_total=true`, bearer('globex'))
      expect(counted.body.total).toBe(0)
    })

    it('gets every report about its own, and reaches nothing of retention', async () => {
      const rowsFor = async (as: string, report: string): Promise<readonly unknown[]> => {
        const query =
          { 'step-retries': `?execution_id=${execution}`, versions: '?workflow_name=shop' }[report] ?? ''
        const { status, body } = await ask.get(`/api/v1/analytics/${report}${query}`, bearer(as))
        expect(status, report).toBe(200)
        return body.rows as readonly unknown[]
      }
      for (const { slug } of reports) expect(await rowsFor('globex', slug), slug).toEqual([])
      expect(await rowsFor('acme', 'effective-workflows')).toMatchObject([
        { workflow_name: 'shop', execution_count: 1 },
      ])
      for (const path of ['policies', 'plan', 'runs', 'holds'])
        expect((await ask.get(`/api/v1/retention/${path}`, bearer('acme'))).status, path).toBe(403)
      const hold = { match: { tenant: 'globex' }, reason: 'none of its business' }
      expect((await ask.post('/api/v1/retention/holds', hold, bearer('acme'))).status).toBe(403)
      const policy = { match: { tenant: 'globex' }, keepDays: 1, reason: 'none of its business' }
      expect((await ask.post('/api/v1/retention/policies', policy, bearer('acme'))).status).toBe(403)
    })

    it('sees no other’s executions', async () => {
      expect((await ask.get('/api/v1/executions', bearer('acme'))).body.executions).toHaveLength(1)
      expect((await ask.get('/api/v1/executions', bearer('globex'))).body.executions).toEqual([])
      const { body } = await ask.get(`/api/v1/executions/${execution}`, bearer('acme'))
      expect(body).toMatchObject({ tenant: 'acme', actor: { type: 'service', id: 'acme' } })
      const step = body.steps[0].stepId as string
      for (const path of [
        `/api/v1/executions/${execution}`,
        `/api/v1/executions/${execution}/steps`,
        `/api/v1/executions/${execution}/timeline`,
        `/api/v1/executions/${execution}/audit`,
        `/v1/tasks/${execution}/workflow_steps/${step}/audit`,
      ]) {
        expect((await ask.get(path, bearer('acme'))).status, path).toBe(200)
        expect((await ask.get(path, bearer('globex'))).status, path).toBe(404)
      }
    })

    it('starts and orders in its own name, whomever the request names', async () => {
      const actor = { type: 'user', id: 'mallory' }
      const start = { workflow: 'shop', input: { card: 'stolen' }, actor }
      const { body: started } = await ask.post('/api/v1/executions', start, bearer('acme'))
      const blocked = started.executionId as string
      await shop.until(blocked, 'blocked')
      const order = { action: 'cancel', reason: 'it was stolen', actor }
      await ask.post(`/api/v1/executions/${blocked}/actions`, order, bearer('acme'))
      const events = await list('acme', `execution_id=${blocked}&order=asc`)
      const told = events.filter(({ actorType }) => actorType !== null && actorType !== 'worker')
      expect(told.map(({ actorId }) => actorId)).not.toContain('mallory')
      expect(events[0]).toMatchObject({
        eventType: 'ORCHESTRATION_STARTED',
        actorId: 'acme',
        details: { givenActor: actor },
      })
      expect(told).toContainEqual(
        expect.objectContaining({
          actorId: 'acme',
          reason: 'it was stolen',
          details: expect.objectContaining({ givenActor: actor }),
        }),
      )
    })

    it('acts on no other’s executions', async () => {
      const order = { action: 'cancel', reason: 'mischief' }
      const { status } = await ask.post(`/api/v1/executions/${execution}/actions`, order, bearer('globex'))
      expect(status).toBe(404)
      const step = { action: 'retry', reason: 'mischief' }
      const path = `/api/v1/executions/${execution}/steps/charge/actions`
      expect((await ask.post(path, step, bearer('globex'))).status).toBe(404)
    })

    it('records and starts for no other', async () => {
      const { body } = await record('acme', { tenant: 'globex' })
      expect(body.results[0]).toMatchObject({ status: 'rejected', code: 'access_denied' })
      const start = { workflow: 'shop', input: { card: 'x' }, tenant: 'globex' }
      expect((await ask.post('/api/v1/executions', start, bearer('acme'))).body.code).toBe('access_denied')
    })

    it('is told of no workflow that it did not name, where who is for all is', async () => {
      await make('operator', ['operate'])
      const start = (as: string) =>
        ask.post('/api/v1/executions', { workflow: 'shopp', input: {} }, bearer(as))
      const [own, everybodys] = [await start('acme'), await start('operator')]
      expect([own, everybodys].map(({ body }) => body.code)).toEqual(['unknown_workflow', 'unknown_workflow'])
      expect(everybodys.body.detail).toContain('Registered: shop')
      expect(JSON.stringify(own.body).replaceAll('shopp', '')).not.toContain('shop')
    })

    it('reads no other’s rows through any route that there is', async () => {
      const [event] = await list('acme', `${everywhere}&limit=1`)
      const { body } = await ask.get(`/api/v1/executions/${execution}`, bearer('acme'))
      const given: Readonly<Record<string, string>> = {
        id: execution,
        uuid: execution,
        step_uuid: body.steps[0].stepId,
        step: 'charge',
        event_id: String(event?.['id']),
        report: 'slow-steps',
        worker: execution,
        path: '0/000',
      }
      const paths = Object.entries(server.openApi.paths ?? {})
        .filter(([path, item]) => 'get' in (item as object) && !/stream|work$|metrics|docs/.test(path))
        .map(([path]) => path.replaceAll(/\{(\w+)\}/g, (_, name: string) => given[name] ?? 'x'))
      expect(paths.length).toBeGreaterThan(15)
      const shows = new RegExp(`of acme|"acme"|,acme,|shop|${execution}`)
      const asTenant = async (name: string): Promise<readonly string[]> => {
        const told: string[] = []
        for (const path of paths) {
          const query = path.endsWith('/export') ? `?format=csv&${everywhere}` : ''
          const { status, text } = await ask.get(`${path}${query}`, bearer(name))
          expect(status, path).toBeLessThan(500)
          if (status === 200 && shows.test(text)) told.push(path)
        }
        return told
      }
      expect((await asTenant('acme')).length).toBeGreaterThan(8)
      expect(await asTenant('globex')).toEqual([])
    })

    it('with a key for workers claims its own steps only, and forges nothing for another', async () => {
      const { secret } = await createApiKey(
        database,
        { name: 'globex-worker', scopes: ['engine', 'record'], tenant: 'globex' },
        root,
      )
      const headers = { authorization: `Bearer ${secret}` }
      const forged = { eventType: 'STEP_SUCCESS', stepName: 'charge', executionId: execution, tenant: 'acme' }
      const { body } = await ask.post('/api/v1/audit/events', forged, headers)
      expect(body.results[0]).toMatchObject({ status: 'rejected', code: 'access_denied' })
      const step = (await ask.get(`/api/v1/executions/${execution}`, bearer('acme'))).body.steps[0].stepId
      const result = {
        stepId: step,
        executionId: execution,
        attempt: 1,
        attemptToken: execution,
        workerUuid: execution,
        executionTimeMs: 1,
        success: true,
        output: {},
      }
      const before = await list('acme', `execution_id=${execution}`)
      const reported = await ask.post('/api/v1/engine/results', { results: [result] }, headers)
      expect(reported.body.outcomes).toMatchObject([{ outcome: 'rejected' }])
      expect(await list('acme', `execution_id=${execution}`)).toEqual(before)
    })

    it('follows and exports no other’s events', async () => {
      const exported = await ask.get(
        `/api/v1/audit/events/export?format=ndjson&${everywhere}`,
        bearer('globex'),
      )
      expect(exported.text).toContain('of globex')
      expect(exported.text).not.toContain('acme')
      const request = new Request('http://localhost/api/v1/audit/events/stream?from=beginning', {
        headers: bearer('globex'),
      })
      await record('globex', { message: 'the last' })
      const seen: unknown[] = []
      for await (const { event } of messagesOf(await server.fetch(request))) {
        if (event) seen.push(event.tenant)
        if (event?.message === 'the last') break
      }
      expect(new Set(seen)).toEqual(new Set(['globex']))
    })
  })

  describe('keys', () => {
    it('are made, listed without their secret, and revoked, each on record', async () => {
      const asked2 = bearer('administrator')
      const { status, body } = await ask.post('/api/v1/keys', { name: 'fresh', scopes: ['read'] }, asked2)
      expect(status).toBe(201)
      const fresh = { authorization: `Bearer ${body.secret}` }
      expect((await ask.get('/api/v1/audit/events', fresh)).status).toBe(200)
      const { body: listed, text } = await ask.get('/api/v1/keys', asked2)
      expect(text).not.toContain(body.secret)
      expect(listed.keys[0]).toMatchObject({ name: 'fresh', lastUsedAt: expect.any(String), revokedAt: null })
      await ask.send(`/api/v1/keys/${body.key.keyId}`, { method: 'DELETE', headers: asked2 })
      expect((await ask.get('/api/v1/audit/events', fresh)).status).toBe(401)
      const types = ['TRAIL_KEY_CREATED', 'TRAIL_KEY_REVOKED']
      for (const type of types) {
        const [told] = await list('administrator', `event_type=${type}&limit=1`)
        expect(told).toMatchObject({ actorId: 'administrator', details: { name: 'fresh' } })
      }
      const { rows } = await database.query('select secret_sha256 from api_keys')
      expect(JSON.stringify(rows)).not.toContain(body.secret)
    })

    it.each([
      [{ name: 'reader', scopes: ['read'] }, 'another key'],
      [{ name: 'x', scopes: [] }, 'scopes'],
      [{ name: 'x', scopes: ['admin'], tenant: 'acme' }, 'every tenant'],
      [{ name: 'x', scopes: ['everything'] }, 'scopes'],
    ])('are not made of %j', async (key, says) => {
      const { status, body } = await ask.post('/api/v1/keys', key, bearer('administrator'))
      expect(status).toBe(400)
      expect(body.detail).toContain(says)
    })
  })

  it('is counted by key', async () => {
    await using strict = await createServer({
      trail: createTrail(database),
      holdsClock: false,
      rateLimit: { perSecond: 0.01, burst: 2 },
    })
    const { get } = asked(strict)
    const statuses = async (name: string) => {
      const answers = [await get('/api/v1/keys', bearer(name)), await get('/api/v1/keys', bearer(name))]
      return [...answers, await get('/api/v1/keys', bearer(name))].map(({ status, headers }) => [
        status,
        headers.get('retry-after'),
      ])
    }
    const limited = [
      [200, null],
      [200, null],
      [429, '100'],
    ]
    expect(await statuses('administrator')).toEqual(limited)
  })
})
