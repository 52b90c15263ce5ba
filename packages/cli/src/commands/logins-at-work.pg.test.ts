import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Database, migrate, openDatabase } from '@steptrail/core'
import { createNatsRecorder } from '@steptrail/nats'
import {
  createDatabaseWithLogins,
  type DatabaseWithLogins,
  describeOnNats,
  releaseAfterTest,
  startNats,
} from '@steptrail/testkit'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { run } from '../../test/run.ts'

const waitFor = { timeout: 20_000, interval: 50 }

let place: DatabaseWithLogins
/** The key with which all sealers of these tests sign. */
let signingKey = ''
const logins: string[] = []
let database: Database
beforeAll(async () => {
  place = await createDatabaseWithLogins()
  database = await openDatabase({ url: place.url })
  releaseAfterTest(() => database.close())
  await migrate(database, { roles: true })
  const directory = await mkdtemp(join(tmpdir(), 'steptrail-key-'))
  releaseAfterTest(() => rm(directory, { recursive: true }))
  await run(['seal', '--database', place.url, '--log-dir', directory])
  signingKey = await readFile(join(directory, 'signing-key.pem'), 'utf8')
})

/** Serves with these roles as a login that is a member of one role, until the test ends. */
async function serveAs(role: string, roles: string, env: Readonly<Record<string, string>> = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'steptrail-logins-'))
  releaseAfterTest(() => rm(directory, { recursive: true }))
  const interrupting = new AbortController()
  const url = Promise.withResolvers<string>()
  const login = await place.createLogin(role === '' ? '' : `in role ${role}`)
  logins.push(login)
  let said = ''
  const args = ['serve', '--json', '--port', '0', '--roles', roles, '--log-dir', directory]
  const ended = run([...args, '--database', login], {
    env: { LANG: 'en_GB.UTF-8', STEPTRAIL_SPOOL_DIR: join(directory, 'spool'), ...env },
    signal: interrupting.signal,
    onOutput: (text) => url.resolve((JSON.parse(text) as { readonly url: string }).url),
    terminal: { columns: 140, write: (text: string) => (said += text) },
  })
  void ended.then(() => url.reject(new Error(said)))
  releaseAfterTest(async () => {
    interrupting.abort()
    await ended
  })
  const at = await url.promise
  const components = async () =>
    ((await (await fetch(`${at}/readyz`)).json()) as { components: Record<string, unknown> }).components
  return { at, components, said: () => said }
}

const record = (at: string): Promise<Response> =>
  fetch(`${at}/api/v1/audit/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ eventType: 'OPERATION', action: 'config_update' }),
  })

const count = async (text: string): Promise<number> => (await database.query(text)).rows.length

/** What is the trouble of each role, as a scrape tells it. */
async function troubles(at: string): Promise<Readonly<Record<string, string>>> {
  const text = await (await fetch(`${at}/metrics`)).text()
  const samples = text.matchAll(/^steptrail_server_role_trouble\{role="(\w+)"\} (\d)$/gm)
  return Object.fromEntries([...samples].map(([, role = '', value = '']) => [role, value]))
}

describe('a login of one role does all that its roles are for', () => {
  it('as steptrail_writer, the API and the clock', async () => {
    const { at, components, said } = await serveAs('steptrail_writer', 'api,clock')
    expect((await record(at)).status).toBe(200)
    const isHeld = 'select from workflow_clock where holder is not null'
    await vi.waitFor(async () => expect(await count(isHeld)).toBe(1), waitFor)
    expect(await components()).toMatchObject({ rights: { status: 'ok' }, clock: { status: 'ok' } })
    expect(await troubles(at)).toEqual({ clock: '0' })
    expect(said()).toBe('')
  })

  it.each(['steptrail_sealer', 'steptrail_admin'])('as %s, the sealer', async (role) => {
    const before = await count('select from log_entries')
    await database.query(
      `insert into audit_event (event_type, entity_type, action) values ('OPERATION', 'OPERATION', 'sealed')`,
    )
    const { components } = await serveAs(role, 'seal', { STEPTRAIL_SIGNING_KEY: signingKey })
    await vi.waitFor(
      async () => expect(await count('select from log_entries')).toBeGreaterThan(before),
      waitFor,
    )
    await vi.waitFor(
      async () => expect(await components()).toMatchObject({ sealer: { status: 'ok' } }),
      waitFor,
    )
    expect(await components()).toMatchObject({ rights: { status: 'ok' } })
  })
})

describeOnNats('a login of steptrail_writer', () => {
  it('takes events from a stream', async () => {
    const { servers } = await startNats()
    const { components } = await serveAs('steptrail_writer', 'ingest', { NATS_URL: servers.join(',') })
    const shop = createNatsRecorder({
      servers,
      spool: false,
      recorder: { retryMinMs: 20, logger: { warn: () => undefined, error: () => undefined } },
    })
    shop.recorder.record({ eventType: 'OPERATION', action: 'over NATS' })
    await shop.close()
    const ingested = `select from audit_event where action = 'over NATS'`
    await vi.waitFor(async () => expect(await count(ingested)).toBe(1), waitFor)
    expect(await components()).toMatchObject({ rights: { status: 'ok' }, ingester: { status: 'ok' } })
  })
})

describe('a login with less', () => {
  it('is no reason to call well what does nothing, until it is given what it lacks', async () => {
    const { at, components } = await serveAs('steptrail_reader', 'seal,retain')
    expect(await components()).toMatchObject({
      rights: {
        status: 'degraded',
        detail: expect.stringMatching(/role seal.* a member of steptrail_sealer.*; .* of steptrail_admin/),
      },
    })
    expect(await troubles(at)).toEqual({ seal: '1', retain: '1' })
    const login = new URL(logins.at(-1) ?? '').username
    await database.query(`grant steptrail_admin to ${login}`)
    await vi.waitFor(
      async () => expect(await components()).toMatchObject({ rights: { status: 'ok' } }),
      waitFor,
    )
    await vi.waitFor(async () => expect(await troubles(at)).toEqual({ seal: '0', retain: '0' }), waitFor)
  })

  it('that may see nothing is told so, and not that there is nothing', async () => {
    await expect(serveAs('', 'api')).rejects.toThrow(
      /may not read the schema steptrail: make the login a member/,
    )
  })
})
