import { createTrail } from '@steptrail/core'
import { openTestDatabase } from '@steptrail/testkit'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { asked, type Asking } from '../test/asking.ts'
import { createServer, type Server } from './index.ts'

const troubles: string[] = []
let server: Server
let ask: Asking
beforeAll(async () => {
  const trail = createTrail(await openTestDatabase('postgres'))
  server = await createServer({
    trail,
    rateLimit: { perSecond: Infinity },
    onTrouble: (message, cause) => void troubles.push(`${message}: ${String(cause)}`),
  })
  ask = asked(server)
})
afterAll(() => server.close())

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[]
  readonly requestBody?: object
}

const nasty = [
  '',
  '0',
  '-1',
  '1e9',
  '999999999999',
  'null',
  'true',
  '\u0000',
  '\ud800',
  "'; drop table audit_event; --",
  '%',
  '\\',
  '../../etc/passwd',
  '2026-02-30',
  '2026-01-01',
  '+275760-09-13T00:00:00Z',
  '0001-01-01',
  '9999-12-31T23:59:59.999Z',
  '019a4f0c-5c7b-7000-8000-00000000dead',
  '00000000-0000-0000-0000-000000000000',
  'eyJ9',
  'a'.repeat(5000),
  '🙂',
  'Ω',
  '*',
  '1,2',
  '[]',
  '{}',
  Buffer.from('{"order":"desc","after":"x"}').toString('base64url'),
  Buffer.from('{"generation":"x","from":"1:1:","to":null,"after":null}').toString('base64url'),
  Buffer.from('{"start":"2026-01-01","end":"nonsense","after":"x"}').toString('base64url'),
  Buffer.from('{"createdAt":"2026-01-01T00:00:00Z","executionId":"x"}').toString('base64url'),
] as const
const words = [
  'OPERATION',
  'success',
  'asc',
  'csv',
  'ndjson',
  'now',
  'beginning',
  'DO',
  'error',
  'retry',
  'resolve',
  'pause',
  'shop',
]
const value = fc.oneof(
  fc.constantFrom(...nasty, ...words),
  fc.string({ unit: 'binary' }),
  fc.integer().map(String),
)
const keys = [
  'eventType',
  'action',
  'details',
  'id',
  'timestamp',
  'reason',
  'actor',
  'type',
  'workflow',
  'input',
  'name',
  'scopes',
  'limit',
  'held',
  'results',
  'room',
  'steps',
  '__proto__',
  'constructor',
  'tenant',
  'executionId',
  'stepId',
  'attemptToken',
  'workerUuid',
]
const body = fc.letrec<{ readonly any: unknown }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    value,
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('any'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...keys), tie('any'), { maxKeys: 5 }),
  ),
})).any
const text = fc.oneof(
  body.map((given) => JSON.stringify(given) ?? ''),
  fc.string({ unit: 'binary' }),
  fc.constant('['.repeat(20_000)),
)

it('answers no request with a fault, and each as it is described', { timeout: 120_000 }, async () => {
  const paths = Object.entries(server.openApi.paths ?? {}) as [string, Record<string, Operation>][]
  const operations = paths.flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  )
  const requests = fc.constantFrom(...operations).chain(({ path, method, operation }) => {
    const names = (operation.parameters ?? [])
      .filter((parameter) => parameter.in === 'query')
      .map(({ name }) => name)
    return fc.record({
      method: fc.constant(method),
      path: fc.array(value, { minLength: 3, maxLength: 3 }).map((values) => {
        let index = 0
        return path.replaceAll(
          /\{\w+\}/g,
          () => encodeURIComponent((values[index++] ?? 'x').toWellFormed()) || 'x',
        )
      }),
      query: fc.array(fc.tuple(fc.constantFrom(...names, 'other'), value), { maxLength: 4 }),
      mediaType: fc.constantFrom('application/json', 'application/x-ndjson', 'text/plain'),
      headers: fc.constantFrom(
        {},
        { 'idempotency-key': 'k' },
        { 'last-event-id': 'x' },
        { authorization: 'Bearer' },
      ),
      body: operation.requestBody ? text : fc.constant(null),
    })
  })
  await fc.assert(
    fc.asyncProperty(requests, async ({ method, path, query, mediaType, headers, body: sent }) => {
      const search = new URLSearchParams(
        query.map(([name, given]): [string, string] => [name, given.toWellFormed()]),
      )
      // A stream does not end, and a wait takes as long as it is asked to: hanging up ends both.
      const hangingUp = AbortSignal.timeout(3000)
      const isEndless = path.endsWith('/stream') || path.endsWith('/work')
      if (isEndless) search.set('nonsense', '1')
      const { status, body: answered } = await ask.send(`${path}?${search.toString()}`, {
        method,
        headers: { ...headers, ...(sent !== null && { 'content-type': mediaType }) },
        body: sent,
        signal: hangingUp,
      })
      expect(status, JSON.stringify([answered, ...troubles.slice(-3)])).toBeLessThan(500)
    }),
    { numRuns: Number(process.env['STEPTRAIL_FUZZ_RUNS'] ?? 600) },
  )
})

it('refuses what is nested deeper than anybody reads, wherever it is', async () => {
  const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`
  const unnamed = `${'{"":'.repeat(50_000)}0${'}'.repeat(50_000)}`
  const id = '019a4f0c-5c7b-7000-8000-00000000dead'
  const paths = Object.entries(server.openApi.paths ?? {}) as [string, Record<string, Operation>][]
  const posts = paths.filter(([path, { post }]) => post?.requestBody && path !== '/api/v1/audit/events')
  expect(posts.length).toBeGreaterThan(12)
  const report = await ask.post('/api/v1/engine/results', `{"results":${unnamed}}`)
  expect([report.status, report.body.detail]).toEqual([400, expect.stringContaining('({"":"{…}"})')])
  for (const [path] of posts)
    for (const key of keys) {
      const { status, body: answered } = await ask.post(path.replaceAll(/\{\w+\}/g, id), `{"${key}":${deep}}`)
      const isReport = path === '/api/v1/engine/results'
      const said = isReport ? 'the field' : '500 levels'
      expect([status, answered.detail], path).toEqual([400, expect.stringContaining(said)])
    }
})

it('takes a body as it is, and not compressed', async () => {
  const headers = { 'content-encoding': 'gzip' }
  const { status, body: answered } = await ask.post('/api/v1/audit/events', '{}', headers)
  expect({ status, code: answered.code }).toEqual({ status: 415, code: 'unsupported_media_type' })
})

it('refuses the methods that a path has not, and says which it has', async () => {
  for (const [path, item] of Object.entries(server.openApi.paths ?? {})) {
    const has = Object.keys(item).map((method) => method.toUpperCase())
    const allowed = [...has, ...(has.includes('GET') ? ['HEAD'] : [])].toSorted().join(', ')
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE0'].filter(
      (each) => !has.includes(each),
    )) {
      const answer = await ask.send(path.replaceAll(/\{\w+\}/g, 'x'), { method })
      expect([answer.status, answer.headers.get('allow'), answer.body.title], `${method} ${path}`).toEqual([
        405,
        allowed,
        'Method not allowed',
      ])
    }
  }
})
