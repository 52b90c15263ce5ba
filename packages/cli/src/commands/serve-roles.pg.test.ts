import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Database } from '@steptrail/core'
import { createNatsRecorder } from '@steptrail/nats'
import { describeOnNats, openTestDatabase, releaseAfterTest, startNats } from '@steptrail/testkit'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { run } from '../../test/run.ts'

let database: Database
let directory = ''
beforeAll(async () => {
  database = await openTestDatabase('postgres')
  directory = await mkdtemp(join(tmpdir(), 'steptrail-roles-'))
  releaseAfterTest(() => rm(directory, { recursive: true }))
})

const waitFor = { timeout: 20_000, interval: 50 }

/** Serves with these roles until the test ends; where it listens. */
async function serve(roles: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const interrupting = new AbortController()
  const url = Promise.withResolvers<string>()
  const ended = run(
    ['serve', '--json', '--port', '0', '--roles', roles, '--log-dir', join(directory, 'log')],
    {
      database,
      env: { LANG: 'en_GB.UTF-8', STEPTRAIL_DATA_DIR: directory, ...env },
      signal: interrupting.signal,
      onOutput: (text) => url.resolve((JSON.parse(text) as { readonly url: string }).url),
    },
  )
  void ended.then(({ stderr }) => url.reject(new Error(stderr)))
  releaseAfterTest(async () => {
    interrupting.abort()
    expect((await ended).code).toBe(0)
  })
  return await url.promise
}

const record = (url: string): Promise<Response> =>
  fetch(`${url}/api/v1/audit/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ eventType: 'OPERATION', action: 'config_update' }),
  })

async function readiness(url: string) {
  const answer = await fetch(`${url}/readyz`)
  return (await answer.json()) as {
    readonly status: string
    readonly roles: readonly string[]
    readonly components: Readonly<Record<string, { readonly status: string }>>
  }
}

async function roleMetrics(url: string): Promise<readonly string[]> {
  const text = await (await fetch(`${url}/metrics`)).text()
  return [...text.matchAll(/^steptrail_server_role\{role="(\w+)"\} 1$/gm)].map(([, role = '']) => role)
}

const isClockHeld = async (): Promise<boolean> =>
  (await database.query('select from workflow_clock where holder is not null')).rows.length > 0
const sealedEvents = async (): Promise<number> =>
  (await database.query('select from log_entries')).rows.length

describe('the roles of a server', () => {
  it('are each done by who has it, and by nobody else', async () => {
    const api = await serve('api')
    expect((await record(api)).status).toBe(200)
    expect((await fetch(`${api}/docs`)).status).toBe(200)
    const clock = await serve('clock')
    await vi.waitFor(async () => expect(await isClockHeld()).toBe(true), waitFor)
    expect((await record(clock)).status).toBe(404)
    expect((await fetch(`${clock}/docs`)).status).toBe(404)
    expect((await fetch(`${clock}/`)).status).toBe(404)
    expect(await sealedEvents()).toBe(0)
    const seal = await serve('seal')
    await vi.waitFor(async () => expect(await sealedEvents()).toBeGreaterThan(0), waitFor)
    for (const [url, role] of [
      [api, 'api'],
      [clock, 'clock'],
      [seal, 'seal'],
    ] as const) {
      expect(await readiness(url)).toMatchObject({ status: 'ready', roles: [role] })
      expect(await roleMetrics(url)).toEqual([role])
    }
  })

  it('may be done by many at once, retention only where it is not turned off', async () => {
    const urls = await Promise.all([serve('clock,seal,retain'), serve('clock,seal,retain')])
    const off = await serve('api,retain', { STEPTRAIL_RETENTION_HOUR: 'off' })
    for (const url of urls) expect((await readiness(url)).roles).toEqual(['clock', 'seal', 'retain'])
    expect((await readiness(off)).roles).toEqual(['api'])
    const before = await sealedEvents()
    await record(off)
    await vi.waitFor(async () => expect(await sealedEvents()).toBe(before + 1), waitFor)
  })

  it('are refused where they are none, or lack what they need', async () => {
    const refusals = await Promise.all([
      run(['serve', '--roles', 'apis'], { database }),
      run(['serve', '--roles', 'ingest'], { database }),
      run(['serve', '--nats', 'http://a'], { database }),
      run(['serve', '--roles', 'api', '--host', '0.0.0.0', '--port', '0'], { database }),
    ])
    expect(refusals.map(({ code }) => code)).toEqual([2, 2, 2, 2])
    expect(refusals.map(({ stderr }) => stderr).join('\n')).toMatch(
      /a role is "apis"[^]*name the nodes of NATS[^]*nats:\/\/nats-1[^]*without authentication/,
    )
  })
})

describeOnNats('the role ingest', () => {
  it('takes events from the stream, and tells of it', async () => {
    const { servers } = await startNats()
    const url = await serve('ingest', { NATS_URL: servers.join(',') })
    await vi.waitFor(async () => expect((await fetch(`${url}/metrics`)).status).toBe(200), waitFor)
    const trail = createNatsRecorder({
      servers,
      spool: false,
      recorder: {
        serviceName: 'shop',
        retryMinMs: 20,
        logger: { warn: () => undefined, error: () => undefined },
      },
    })
    trail.recorder.record({ eventType: 'OPERATION', action: 'stock_count' })
    expect(await trail.recorder.flush()).toMatchObject({ written: 1 })
    await trail.close()
    await vi.waitFor(async () => {
      const text = await (await fetch(`${url}/metrics`)).text()
      expect(text).toContain('steptrail_ingest_events_total{outcome="created"} 1\n')
      expect(text).toContain('steptrail_ingest_waiting_messages 0\n')
    }, waitFor)
    expect(await readiness(url)).toMatchObject({
      status: 'ready',
      roles: ['ingest'],
      components: { ingester: { status: 'ok' } },
    })
    const { rows } = await database.query(`select from audit_event where service_name = 'shop'`)
    expect(rows).toHaveLength(1)
  })
})
