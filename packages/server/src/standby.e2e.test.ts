import { createTrail, type Database, migrate, openDatabase } from '@steptrail/core'
import { type PostgresServer, startPostgres } from '@steptrail/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { asked, type Asking } from '../test/asking.ts'
import { createServer, type Server } from './index.ts'

let primary: PostgresServer
let standby: PostgresServer
let database: Database
let replica: Database
let server: Server
let ask: Asking

beforeAll(async () => {
  primary = await startPostgres()
  database = await openDatabase({ url: primary.url() })
  await migrate(database)
  await database.close()
  standby = await primary.startStandby()
  database = await openDatabase({ url: primary.url() })
  replica = await openDatabase({ url: standby.url() })
  server = await createServer({ trail: createTrail(database), replica, holdsClock: false })
  ask = asked(server)
})
afterAll(async () => {
  await server.close()
  await replica.close()
  await database.close()
  await standby.stop()
  await primary.stop()
})

const record = async (action: string): Promise<void> => {
  const { body } = await ask.post('/api/v1/audit/events', { eventType: 'OPERATION', action })
  expect(body).toMatchObject({ created: 1 })
}
const list = (action: string, headers = {}) =>
  ask.get(`/api/v1/audit/events?operation_type=${action}`, headers)
const listed = async (action: string, headers = {}): Promise<number> =>
  (await list(action, headers)).body.events.length
const replicaIn = async (): Promise<string> => (await ask.get('/readyz')).body.components.replica.status

it('shows what the standby has replayed, and what it has not to who asks for it fresh', async () => {
  await record('replayed')
  await expect.poll(() => listed('replayed')).toBe(1)
  await replica.query('select pg_wal_replay_pause()')
  await record('later')
  expect(await listed('later')).toBe(0)
  expect(await listed('later', { 'cache-control': 'no-cache' })).toBe(1)
  await replica.query('select pg_wal_replay_resume()')
  await expect.poll(() => listed('later')).toBe(1)
})

it('exports from the standby, too', async () => {
  const answer = await ask.get('/api/v1/audit/events/export?format=ndjson')
  expect(answer.status).toBe(200)
  expect(answer.text).toContain('"replayed"')
})

it('says 503 for what the standby cancels because it is in the way of what it replays', async () => {
  await replica.query('alter system set max_standby_streaming_delay = 0')
  await replica.query('select pg_reload_conf()')
  await database.transaction(async (tx) => {
    const [month] = (await tx<{ name: string }>(newestMonth)).rows
    await tx(`lock table ${month?.name} in access exclusive mode`)
    await reachesStandby()
    await expect.poll(lockedThere).toBe(1)
    const cancelled = list('replayed')
    await expect.poll(waitingThere).toBe(1)
    await tx('lock table only audit_event in access exclusive mode')
    await reachesStandby()
    expect(await cancelled).toMatchObject({ status: 503, body: { code: 'database_unreachable' } })
  })
  await expect.poll(() => listed('replayed')).toBe(1)
})

/** What a transaction has locked gets there with the commit of another. */
const reachesStandby = () => database.query(`select pg_logical_emit_message(true, 'the test', 'now')`)

const waitingThere = async (): Promise<number | null> =>
  (await replica.query(`select from pg_locks where not granted and relation is not null`)).rowCount

const lockedThere = async (): Promise<number | null> =>
  (await replica.query(`select from pg_locks where granted and mode = 'AccessExclusiveLock'`)).rowCount

const newestMonth = `
select inhrelid::regclass::text as name
from pg_inherits
where inhparent = 'audit_event'::regclass
  and to_char(now() at time zone 'utc', 'YYYY_MM') = right(inhrelid::regclass::text, 7)`

it('is degraded while the standby is down: lists are a 503, recording goes on, and it is found again', async () => {
  await standby.kill()
  expect(await list('replayed')).toMatchObject({ status: 503, body: { code: 'database_unreachable' } })
  expect(await replicaIn()).toBe('degraded')
  await record('meanwhile')
  expect(await listed('meanwhile', { 'cache-control': 'no-cache' })).toBe(1)
  await standby.start()
  await expect.poll(replicaIn).toBe('ok')
  await expect.poll(() => listed('meanwhile')).toBe(1)
})

it('begins while the standby is down, and reads there when it is back and known to hold the same trail', async () => {
  await record('before it began')
  await standby.kill()
  const away = await openDatabase({ url: standby.url(), mayBeAway: true })
  await using other = await createServer({ trail: createTrail(database), replica: away, holdsClock: false })
  const asks = asked(other)
  const listing = () => asks.get('/api/v1/audit/events?operation_type=before+it+began')
  const state = async () => (await asks.get('/readyz')).body.components.replica.status
  expect(await listing()).toMatchObject({ status: 503, body: { code: 'database_unreachable' } })
  expect(await state()).toBe('degraded')
  const { body } = await asks.post('/api/v1/audit/events', { eventType: 'OPERATION', action: 'recorded' })
  expect(body).toMatchObject({ created: 1 })
  await standby.start()
  await expect.poll(state).toBe('ok')
  await expect.poll(async () => (await listing()).body.events.length).toBe(1)
  await away.close()
})
