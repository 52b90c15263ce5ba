import {
  createApiKey,
  createTrail,
  type Database,
  type KeyScope,
  listEvents,
  revokeApiKey,
} from '@steptrail/core'
import { createServer, type Server } from '@steptrail/server'
import { openTestDatabase, releaseAfterTest } from '@steptrail/testkit'
import { createWorker } from '@steptrail/workflow'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { garage } from '../test/garage.ts'
import { createClient } from './client.ts'
import { createHttpDispatch } from './dispatch/http-dispatch.ts'

const root = { type: 'user', id: 'root' } as const
const silent = { warn: () => undefined, error: () => undefined }

let database: Database
let server: Server

beforeAll(async () => {
  database = await openTestDatabase('postgres')
  const rateLimit = { perSecond: 200, burst: 20 }
  server = await createServer({ trail: createTrail(database), rateLimit, onTrouble: () => undefined })
  await createApiKey(database, { name: 'root', scopes: ['admin'] }, root)
})
afterAll(() => server.close())

const connection = (apiKey: string | (() => string)) => ({
  url: 'http://localhost',
  apiKey,
  fetch: (url: string, init: RequestInit) => server.fetch(new Request(url, init)),
})
const keyOf = (name: string, ...scopes: readonly KeyScope[]) => createApiKey(database, { name, scopes }, root)

function recording(apiKey: () => string, batchEvents = 1_000) {
  const quick = { batchAgeMs: 1, retryMinMs: 5, retryMaxMs: 20, logger: silent, batchEvents }
  const client = createClient({ ...connection(apiKey), recorder: quick })
  releaseAfterTest(async () => void (await client.close({ deadlineMs: 100 })))
  return client
}

const actionsOf = async (actor: string): Promise<readonly (string | null)[]> =>
  (await listEvents(database, { actor, order: 'asc' })).items.map(({ action }) => action)

it('keeps what it records while its key counts no longer, or may not record, until it has one that does', async () => {
  const first = await keyOf('first', 'record')
  const reader = await keyOf('reader', 'read')
  const last = await keyOf('last', 'record')
  let { secret } = first
  const client = recording(() => secret)
  client.record({ eventType: 'OPERATION', action: 'one' })
  expect(await client.flush()).toMatchObject({ written: 1 })
  await revokeApiKey(database, first.key.keyId, root)
  client.record({ eventType: 'OPERATION', action: 'two' })
  expect(await client.flush({ deadlineMs: 50 })).toMatchObject({ pending: 1, dropped: 0 })
  secret = reader.secret
  expect(await client.flush({ deadlineMs: 50 })).toMatchObject({ pending: 1, dropped: 0 })
  secret = last.secret
  expect(await client.flush()).toMatchObject({ written: 2, pending: 0, dropped: 0 })
  expect(await actionsOf('first')).toEqual(['one'])
  expect(await actionsOf('last')).toEqual(['two'])
})

it('sends no faster than the server takes, and loses nothing for it', async () => {
  const { secret } = await keyOf('hasty', 'record')
  const client = recording(() => secret, 1)
  const actions = Array.from({ length: 60 }, (_, index) => `act_${index}`)
  for (const action of actions) client.record({ eventType: 'OPERATION', action })
  expect(await client.flush()).toEqual({ written: 60, spooled: 0, dropped: 0, pending: 0 })
  expect((await actionsOf('hasty')).toSorted()).toEqual(actions.toSorted())
})

it('says of a request that it may not be made, and of a stream whose key was revoked', async () => {
  const { key, secret } = await keyOf('follower', 'read')
  const client = createClient(connection(secret))
  await expect(client.executions.start('garage', { colour: 'red' })).rejects.toMatchObject({
    code: 'access_denied',
    message: expect.stringContaining('operate'),
    details: { status: 403 },
  })
  await revokeApiKey(database, key.keyId, root)
  await expect(client.events.follow().next()).rejects.toMatchObject({ code: 'unauthenticated' })
})

it('lets a worker work with a key of the scope engine, and with no other', async () => {
  const implement = (secret: string) =>
    createWorker(createHttpDispatch(connection(secret)), { service: 'garage-service' }).implement(garage, {
      lift: { do: () => ({ height: 2 }), undo: () => undefined },
      paint: { do: () => ({}), undo: () => undefined },
    })
  const others = await keyOf('others', 'record', 'read', 'operate')
  await expect(implement(others.secret).start()).rejects.toMatchObject({ code: 'access_denied' })
  const worker = implement((await keyOf('engine', 'engine')).secret)
  await worker.start()
  const client = createClient(connection(others.secret))
  const { executionId } = await client.executions.start(garage, { colour: 'red' })
  const status = async () => (await client.executions.get(executionId)).status
  await expect.poll(status, { interval: 100, timeout: 20_000 }).toBe('completed')
  await worker.close()
  expect(await client.executions.get(executionId)).toMatchObject({ actor: { id: 'others' } })
})
