import { createTrail, type Database, openDatabase } from '@steptrail/core'
import { createSaga } from '@steptrail/saga'
import { createMigratedDatabase, releaseAfterTest } from '@steptrail/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asked, type Asking } from '../test/asking.ts'
import { shop } from '../test/shop.ts'
import { createServer, type Server } from './index.ts'

let database: Database
let replica: Database
let server: Server
let ask: Asking
let executionId = ''
let url = ''
const operation = { eventType: 'OPERATION', action: 'look', serviceName: 'looker' }

/** Of the same database, and like a replica in that it takes no writes. */
beforeAll(async () => {
  url = await createMigratedDatabase()
  database = await openDatabase({ url })
  replica = await openDatabase({ url: `${url}?options=-c%20default_transaction_read_only%3Don` })
  server = await createServer({ trail: createTrail(database), replica, holdsClock: false })
  ask = asked(server)
  await using saga = await createSaga(database, { holdsClock: false })
  executionId = (await saga.start(shop, { card: 'good' })).executionId
})
afterAll(async () => {
  await server.close()
  await replica.close()
  await database.close()
})

/** How many connections of the replica were asked for meanwhile. */
async function readsOfReplica(request: () => Promise<{ readonly status: number }>): Promise<number> {
  let reads = 0
  const count = (): void => void (reads += 1)
  replica.pool.on('acquire', count)
  expect((await request()).status).toBe(200)
  replica.pool.off('acquire', count)
  return reads
}

describe('a server with a replica', () => {
  it.each([
    '/api/v1/audit/events',
    '/api/v1/audit/events?include_total=true',
    '/api/v1/audit/events/export?format=csv',
    '/api/v1/executions',
    '/api/v1/audit/workflow-execution',
    '/api/v1/analytics/failing-workflows',
  ])('reads there what may lag: %s', async (path) => {
    expect(await readsOfReplica(() => ask.get(path))).toBeGreaterThan(0)
  })

  it('reads in the database what was perhaps written a moment ago, and whatever is not to come from a cache', async () => {
    const fresh = { 'cache-control': 'max-age=0, No-Cache' }
    expect(await readsOfReplica(() => ask.get(`/api/v1/executions/${executionId}`))).toBe(0)
    expect(await readsOfReplica(() => ask.get(`/api/v1/executions/${executionId}/audit`))).toBe(0)
    expect(await readsOfReplica(() => ask.get('/api/v1/executions', fresh))).toBe(0)
    expect(await readsOfReplica(() => ask.post('/api/v1/audit/events', operation))).toBe(0)
  })

  it('goes on recording while the replica is away, and says so', async () => {
    const away = await openDatabase({ url })
    await using other = await createServer({ trail: createTrail(database), replica: away, holdsClock: false })
    await away.close()
    const asks = asked(other)
    expect((await asks.get('/api/v1/audit/events')).status).toBe(503)
    expect((await asks.post('/api/v1/audit/events', operation)).body).toMatchObject({ created: 1 })
    const { status, body } = await asks.get('/readyz')
    expect({ status, replica: body.components.replica }).toMatchObject({
      status: 200,
      replica: { status: 'degraded' },
    })
  })

  it('is refused when the replica is one of another trail', async () => {
    const other = await openDatabase({ url: await createMigratedDatabase() })
    releaseAfterTest(() => other.close())
    await other.query('update feed_identity set feed_uuid = gen_random_uuid()')
    await expect(
      createServer({ trail: createTrail(database), replica: other, holdsClock: false }),
    ).rejects.toMatchObject({ code: 'invalid_configuration', message: expect.stringContaining('no replica') })
  })
})
