import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { OpenAPIHono } from '@hono/zod-openapi'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addApplication } from './add-application.ts'
import { applicationFiles } from './application-files.ts'

let directory = ''
const app = new OpenAPIHono()

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'steptrail-application-'))
  await mkdir(join(directory, 'assets'))
  await writeFile(
    join(directory, 'index.html'),
    '<meta nonce="NONCE-OF-THE-ANSWER"><script src="/assets/a.js"></script>',
  )
  await writeFile(join(directory, 'assets/a.js'), 'plain')
  await writeFile(join(directory, 'assets/a.js.br'), 'brotli')
  await writeFile(join(directory, 'assets/a.js.gz'), 'gzip')
  await writeFile(join(directory, 'secret.txt'), 'no page')
  addApplication(app, applicationFiles(directory))
})
afterAll(async () => rm(directory, { recursive: true }))

const get = (path: string, headers: Readonly<Record<string, string>> = {}) => app.request(path, { headers })
const asBrowser = { accept: 'text/html,application/xhtml+xml' }

describe('the pages', () => {
  it.each(['/', '/executions', '/executions/abc?event=1', '/no/such/page'])(
    'are one page at %s',
    async (path) => {
      const response = await get(path, asBrowser)
      expect(response.status).toBe(200)
      expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
      expect(await response.text()).toContain('<script src="/assets/a.js">')
    },
  )

  it('let through only what the server has, and styles with the nonce of the answer', async () => {
    const [first, second] = [await get('/', asBrowser), await get('/', asBrowser)]
    const policy = first.headers.get('content-security-policy') ?? ''
    const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? ''
    expect(await first.text()).toContain(`nonce="${nonce}"`)
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self';")
    expect(policy).not.toContain('unsafe')
    expect(second.headers.get('content-security-policy')).not.toBe(policy)
    expect(first.headers.get('cache-control')).toBe('no-store')
  })

  it('let a script that runs as a worker ask this server alone', async () => {
    const policy = (await get('/assets/a.js')).headers.get('content-security-policy')
    expect(policy).toBe("default-src 'none'; connect-src 'self'; frame-ancestors 'none'")
  })

  it.each([
    ['br, gzip', 'br', 'brotli'],
    ['gzip;q=0.8, deflate', 'gzip', 'gzip'],
    ['deflate', null, 'plain'],
  ])('come as the browser takes them: %s', async (accepted, encoding, text) => {
    const response = await get('/assets/a.js', { 'accept-encoding': accepted })
    expect(response.headers.get('content-encoding')).toBe(encoding)
    expect(response.headers.get('vary')).toBe('accept-encoding')
    expect(response.headers.get('cache-control')).toContain('immutable')
    expect(await response.text()).toBe(text)
  })

  it.each(['/api/v1/nothing', '/v1/tasks', '/secret.txt', '/assets/../secret.txt', '/assets/b.js'])(
    'leave %s to others',
    async (path) => expect((await get(path)).status).toBe(404),
  )

  it('leave what is below /api to the API, also for a browser', async () => {
    expect((await get('/api/v1/nothing', asBrowser)).status).toBe(404)
  })

  it('are none where nothing is built', async () => {
    const empty = new OpenAPIHono()
    addApplication(empty, applicationFiles(join(directory, 'nowhere')))
    expect((await empty.request('/', { headers: asBrowser })).status).toBe(404)
  })
})
