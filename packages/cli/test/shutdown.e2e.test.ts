import { type Database, openDatabase } from '@steptrail/core'
import { createNatsRecorder } from '@steptrail/nats'
import {
  createMigratedDatabase,
  describeOnNats,
  embeddedDirectory,
  Link,
  type Program,
  releaseAfterTest,
  startNats,
  startProgram,
} from '@steptrail/testkit'
import { expect, it, vi } from 'vitest'

const main = new URL('../src/main.ts', import.meta.url)
const silent = { warn: () => undefined, error: () => undefined }

/** More than a server takes, and less than the thirty seconds after which one is killed. */
const endsWithin = 29_000

/** A database, a link over which a server reaches it, and who looks at it past that. */
async function place() {
  const direct = await createMigratedDatabase()
  const through = new URL(direct)
  const port = Number(through.port)
  const link = await Link.open(() => port)
  releaseAfterTest(() => link.close())
  through.port = String(link.port)
  const database = await openDatabase({ url: direct })
  releaseAfterTest(() => database.close())
  return { direct, through: through.href, link, database }
}

async function serve(url: string, env: Readonly<Record<string, string>> = {}): Promise<Program> {
  const directory = await embeddedDirectory()
  const args = ['serve', '--port', '0', '--database', url, '--log-dir', `${directory}/log`]
  return startProgram(main, { args, env: { STEPTRAIL_SPOOL_DIR: `${directory}/spool`, ...env } })
}

const addressOf = async (program: Program): Promise<string> =>
  (await program.line(/^Its API is described at /)).replace(/^.* at (.*)\/docs$/, '$1')

const record = (url: string): Promise<Response> =>
  fetch(`${url}/api/v1/audit/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ eventType: 'OPERATION', action: 'over HTTP' }),
  })

/** How the program ends, if it does before it would be killed. */
const ended = (program: Program): Promise<unknown> =>
  Promise.race([
    program.exited,
    new Promise((resolve) => setTimeout(resolve, endsWithin, 'still runs').unref()),
  ])

const actionsIn = async (database: Database): Promise<readonly unknown[]> => {
  const { rows } = await database.query<{ action: string }>(
    `select action from audit_event where event_type = 'OPERATION' order by action`,
  )
  return rows.map(({ action }) => action)
}

describeOnNats('a server that is told to end while its database has fallen silent', () => {
  it(
    'ends before it is killed, and loses nothing of what the stream has taken',
    { timeout: 90_000 },
    async () => {
      const [{ direct, through, link, database }, { servers }] = await Promise.all([place(), startNats()])
      const NATS_URL = servers.join(',')
      const first = await serve(through, { NATS_URL })
      const url = await addressOf(first)
      const checkpoint = async (): Promise<number> => (await fetch(`${url}/api/v1/log/checkpoint`)).status
      await vi.waitFor(async () => expect(await checkpoint()).toBe(200), { timeout: 20_000, interval: 100 })
      link.cut()
      const unanswered = record(url).then(
        ({ status }) => status,
        () => 'no answer',
      )
      const shop = createNatsRecorder({ servers, spool: false, recorder: { logger: silent } })
      shop.recorder.record({ eventType: 'OPERATION', action: 'over NATS' })
      expect(await shop.recorder.flush()).toMatchObject({ written: 1 })
      await shop.close()
      void first.signal('SIGTERM')
      expect(await ended(first)).toEqual({ code: 0, signal: null })
      expect(await unanswered).toBe('no answer')
      const second = await serve(direct, { NATS_URL })
      await vi.waitFor(async () => expect(await actionsIn(database)).toEqual(['over NATS']), {
        timeout: 40_000,
      })
      expect((await second.signal('SIGTERM')).code).toBe(0)
    },
  )
})

it('a server that is told to end twice ends at once', async () => {
  const { through, link } = await place()
  const program = await serve(through)
  const url = await addressOf(program)
  link.cut()
  const unanswered = record(url).catch(() => undefined)
  void program.signal('SIGTERM')
  await expect.poll(() => fetch(`${url}/healthz`).catch(() => 'refused')).toBe('refused')
  expect(await program.signal('SIGTERM')).toEqual({ code: 130, signal: null })
  await unanswered
})

it('a server that is told to end while it waits for its database to start ends at once', async () => {
  const { direct, database } = await place()
  const locked = Promise.withResolvers<void>()
  const holding = database.transaction(async (tx) => {
    await tx('lock table schema_migrations in access exclusive mode')
    await locked.promise
  })
  const program = await serve(direct)
  const waiting = `select count(*)::int as count from pg_locks where not granted and relation = 'schema_migrations'::regclass`
  await expect
    .poll(async () => (await database.query<{ count: number }>(waiting)).rows[0]?.count, { timeout: 20_000 })
    .toBe(1)
  void program.signal('SIGTERM')
  expect(await ended(program)).toEqual({ code: 130, signal: null })
  expect(program.stderr).toContain('interrupted')
  locked.resolve()
  await holding
})
