import { createTrail } from '@steptrail/core'
import { openTestDatabase } from '@steptrail/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createServer, type Server } from '../index.ts'

let server: Server
beforeAll(async () => {
  server = await createServer({ trail: createTrail(await openTestDatabase('postgres')), holdsClock: false })
})
afterAll(() => server.close())

const get = (path: string) => server.fetch(new Request(`http://localhost${path}`))

it('is the description that is committed', async () => {
  const text = await (await get('/openapi.json')).text()
  await expect(text).toMatchFileSnapshot('../../../../spec/openapi.json')
})

it('says of each operation who may call it, and names it once', () => {
  const operations = Object.values(server.openApi.paths ?? {}).flatMap((item) =>
    Object.values(item as object),
  ) as {
    readonly operationId: string
    readonly security: unknown
    readonly tags: readonly string[]
  }[]
  expect(operations.length).toBeGreaterThan(20)
  expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length)
  const tags = new Set(server.openApi.tags?.map(({ name }) => name))
  for (const { operationId, security, tags: given } of operations) {
    expect(security, operationId).toBeInstanceOf(Array)
    expect(
      given.every((tag) => tags.has(tag)),
      operationId,
    ).toBe(true)
  }
})

it('is shown by a page that loads nothing from elsewhere, under a policy that forbids it', async () => {
  const answer = await get('/docs')
  const html = await answer.text()
  const loaded = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url ?? '')
  expect(loaded).toEqual(['/docs/style.css', '/docs/script.js', '/openapi.json'])
  for (const url of loaded) expect((await get(url)).status, url).toBe(200)
  expect(html).not.toMatch(/<style|style=|<script>|onclick|https?:\/\//)
  const policy = answer.headers.get('content-security-policy')
  expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
  expect(policy).not.toContain('unsafe')
})
