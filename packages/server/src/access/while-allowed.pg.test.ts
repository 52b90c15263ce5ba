import { createApiKey, createTrail, type Database, revokeApiKey } from '@steptrail/core'
import { describeOnBoth } from '@steptrail/testkit'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { messagesOf } from '../../test/sse.ts'
import { createServer, type Server } from '../index.ts'

const root = { type: 'user', id: 'root' } as const

describeOnBoth('what goes on after its answer has begun', (open) => {
  let database: Database
  let server: Server
  beforeAll(async () => {
    database = await open()
    server = await createServer({ trail: createTrail(database), streamHeartbeatMs: 20 })
  })
  afterAll(() => server.close())

  /** Whether a look at a key, from now on, has found that it is revoked; whoever finds that looks no more. */
  function foundRevoked(): () => boolean {
    const looks = vi.spyOn(database, 'query')
    const isLook = (statement: Parameters<Database['query']>[0] | undefined): boolean =>
      typeof statement === 'object' && 'name' in statement && statement.name === 'use api key'
    return () =>
      looks.mock.settledResults.some(({ value }, call) => {
        const [statement] = looks.mock.calls[call] ?? []
        const found = value as { readonly rows?: readonly { readonly state: string }[] } | undefined
        return isLook(statement) && found?.rows?.[0]?.state === 'revoked'
      })
  }

  async function begun(name: string, path: string) {
    const { secret, key } = await createApiKey(database, { name, scopes: ['read', 'record'] }, root)
    const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' }
    const ask = (to: string, init: RequestInit = {}) =>
      server.fetch(new Request(`http://localhost${to}`, { ...init, headers }))
    const record = (body: object) =>
      ask('/api/v1/audit/events', { method: 'POST', body: JSON.stringify(body) })
    const change = (set: string) =>
      database.query(`update api_keys set ${set} where key_id = $1`, [key.keyId])
    return {
      record,
      response: await ask(path),
      revoke: () => revokeApiKey(database, key.keyId, root),
      change,
    }
  }

  it('ends a stream once the key is revoked, and says why', async () => {
    const { response, record, revoke } = await begun('follower', '/api/v1/audit/events/stream?source=seen')
    const messages = messagesOf(response)
    await record({ eventType: 'OPERATION', action: 'before', serviceName: 'seen' })
    while (!(await messages.next()).value?.event) continue
    await revoke()
    const last = []
    for await (const message of messages) if (message.kind !== 'comment') last.push(message)
    expect(last).toMatchObject([{ kind: 'problem', raw: expect.stringContaining('unauthenticated') }])
  })

  it.each([
    ['is lowered', `scopes = '{record}'`, 'access_denied'],
    ['is bound to a tenant', `tenant = 'globex'`, 'by now, and was not when this began'],
    ['is over', `expires_at = clock_timestamp()`, 'unauthenticated'],
  ])('ends a stream once the key %s, and says why', async (what, set, why) => {
    const source = what.replaceAll(' ', '-')
    const { response, record, change } = await begun(source, `/api/v1/audit/events/stream?source=${source}`)
    const messages = messagesOf(response)
    await record({ eventType: 'OPERATION', action: 'before', serviceName: source })
    while (!(await messages.next()).value?.event) continue
    await change(set)
    const last = []
    for await (const message of messages) if (message.kind !== 'comment') last.push(message)
    expect(last).toMatchObject([{ kind: 'problem', raw: expect.stringContaining(why) }])
  })

  it('ends an export without its trailer once the key is revoked, and has that on record', async () => {
    const events = Array.from({ length: 3_000 }, (_, number) => ({
      eventType: 'OPERATION',
      action: `export-${number}`,
      serviceName: 'exported',
    }))
    const { record } = await begun('recorder', '/healthz')
    expect((await record(events)).status).toBe(200)
    const { response, revoke } = await begun(
      'exporter',
      '/api/v1/audit/events/export?format=ndjson&source=exported',
    )
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    await reader.read()
    const isOver = foundRevoked()
    await revoke()
    await expect.poll(isOver, { interval: 10, timeout: 20_000 }).toBe(true)
    const rest = async (): Promise<void> => {
      while (!(await reader.read()).done) continue
    }
    await expect(rest()).rejects.toThrow('revoked')
    const { rows } = await database.query(
      `select status, details->>'digest' as digest from audit_event where event_type = 'TRAIL_EXPORTED'`,
    )
    expect(rows).toEqual([{ status: 'FAILED', digest: null }])
  })
})
