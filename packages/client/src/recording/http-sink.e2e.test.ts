import { createTrail, listEvents, type Database } from '@steptrail/core'
import { createUuidV7Generator } from '@steptrail/event'
import { createRecorder, type Recorder, type RecorderSettings } from '@steptrail/recorder'
import { createServer } from '@steptrail/server'
import { openTestDatabase, releaseAfterTest } from '@steptrail/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Gateway, startGateway } from '../../test/gateway.ts'
import { createHttpSink } from './http-sink.ts'

let database: Database
let target: string
const closing: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  database = await openTestDatabase('postgres')
  const server = await createServer({ trail: createTrail(database), recordedEvents: 400, bodyBytes: 500_000 })
  target = (await server.listen({ port: 0 })).url
  closing.push(() => server.close())
})
afterAll(async () => void (await Promise.all(closing.map((close) => close()))))

interface Scene {
  readonly gateway: Gateway
  readonly recorder: Recorder
  /** Names what is recorded, so that tests share a server. */
  readonly source: string
  readonly logged: string[]
  /** The actions on record, in the order of their numbers. */
  readonly onRecord: () => Promise<readonly string[]>
}

const nextId = createUuidV7Generator()

async function scene(settings: RecorderSettings = {}): Promise<Scene> {
  const gateway = await startGateway(target)
  const source = `service-${nextId(Date.now())}`
  const logged: string[] = []
  const log = (message: string, details: object): void =>
    void logged.push(`${message} ${JSON.stringify(details)}`)
  const recorder = createRecorder({
    sink: createHttpSink({ url: gateway.url }),
    serviceName: source,
    batchAgeMs: 1,
    retryMinMs: 5,
    retryMaxMs: 20,
    logger: { warn: log, error: log },
    ...settings,
  })
  releaseAfterTest(async () => void (await recorder.close({ deadlineMs: 500 })))
  const onRecord = async (): Promise<readonly string[]> => {
    const { items } = await listEvents(database, { source, limit: 1000 })
    return items
      .toSorted((one, other) => (one.recorderSeq ?? 0) - (other.recorderSeq ?? 0))
      .map(({ action }) => action ?? '')
  }
  return { gateway, recorder, source, logged, onRecord }
}

const actions = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `act_${index}`)

function recordAll(recorder: Recorder, names: readonly string[], details: object = {}): void {
  for (const action of names) recorder.record({ eventType: 'OPERATION', action, details: { ...details } })
}

const posts = ({ seen }: Gateway): number => seen.filter(({ method }) => method === 'POST').length

describe('recording over HTTP', () => {
  test('puts each event on record as it was recorded, with the numbers of its recorder', async () => {
    const { recorder, source, onRecord } = await scene()
    recorder.record({
      eventType: 'OPERATION',
      action: 'config_update',
      status: 'FAILED',
      durationMs: 12,
      actorType: 'user',
      actorId: 'alice',
      resourceType: 'file',
      resourceId: 'a/b',
      correlationId: 'c-1',
      details: { größe: '😀', nested: [{ password: 'secret' }] },
    })
    expect(await recorder.flush()).toMatchObject({ written: 1 })
    expect(await onRecord()).toEqual(['config_update'])
    const { items } = await listEvents(database, { source })
    expect(items[0]).toMatchObject({
      status: 'FAILED',
      durationMs: 12,
      actorId: 'alice',
      resourceId: 'a/b',
      correlationId: 'c-1',
      recorderId: recorder.id,
      recorderSeq: 1,
      details: { größe: '😀', nested: [{ password: '[redacted]' }] },
    })
  })

  test('keeps to the limits of the server: a batch of 1,000 goes in parts of 400', async () => {
    const { recorder, gateway, onRecord } = await scene({ batchAgeMs: 1_000 })
    recordAll(recorder, actions(1000))
    expect(await recorder.flush()).toMatchObject({ written: 1000, dropped: 0 })
    expect(await onRecord()).toHaveLength(1000)
    expect(posts(gateway)).toBe(3)
  })

  test('keeps to the limit of bytes, also of characters that take four', async () => {
    const { recorder, gateway, onRecord } = await scene({ batchAgeMs: 1_000 })
    recordAll(recorder, actions(100), { text: '😀'.repeat(4_000) })
    expect(await recorder.flush()).toMatchObject({ written: 100, dropped: 0 })
    expect(await onRecord()).toEqual(actions(100))
    expect(Math.max(...gateway.seen.map(({ bytes }) => bytes))).toBeLessThanOrEqual(500_000)
  })

  test('splits what something before the server finds too large, and sends no such size again', async () => {
    const { recorder, gateway, onRecord } = await scene({ batchAgeMs: 1_000 })
    gateway.largestBody = 150_000
    recordAll(recorder, actions(400), { text: 'x'.repeat(1_000) })
    expect(await recorder.flush()).toMatchObject({ written: 400, dropped: 0 })
    const refused = gateway.seen.filter(({ bytes }) => bytes > 150_000).length
    recordAll(recorder, actions(400), { text: 'x'.repeat(1_000) })
    expect(await recorder.flush()).toMatchObject({ written: 800, dropped: 0 })
    expect(await onRecord()).toHaveLength(800)
    expect(refused).toBeGreaterThan(0)
    expect(gateway.seen.filter(({ bytes }) => bytes > 150_000)).toHaveLength(refused)
  })

  test('splits on a 400 that is for the whole, and gives no single event up for one of a stranger', async () => {
    const { recorder, gateway, onRecord } = await scene({ batchAgeMs: 1_000 })
    const bad = { status: 400, body: 'bad' } as const
    gateway.turns.push(bad, bad, bad)
    recordAll(recorder, actions(2))
    expect(await recorder.flush()).toMatchObject({ written: 2, dropped: 0 })
    expect(await onRecord()).toEqual(actions(2))
  })

  test.each([
    ['401', { status: 401 }],
    ['403', { status: 403 }],
    ['404', { status: 404 }],
    ['429', { status: 429, headers: { 'retry-after': '0' } }],
    ['500', { status: 500 }],
    ['502 from a proxy', { status: 502, body: '<html>Bad Gateway</html>' }],
    ['503', { status: 503 }],
    ['a redirect', { status: 302, headers: { location: 'https://login.example.com' } }],
    ['200 of something else', { status: 200, body: '<html>Welcome</html>' }],
    ['a hang-up', 'hang-up'],
    ['a reply that is lost', 'lose-the-reply'],
  ] as const)('tries again after %s, and has each event on record once', async (_, turn) => {
    const { recorder, gateway, onRecord } = await scene()
    gateway.turns.push(turn, turn)
    recordAll(recorder, actions(20))
    expect(await recorder.flush()).toEqual({ written: 20, spooled: 0, dropped: 0, pending: 0 })
    expect(await onRecord()).toEqual(actions(20))
    expect(posts(gateway)).toBeGreaterThanOrEqual(3)
  })

  test('waits as long as Retry-After says', async () => {
    const { recorder, gateway } = await scene()
    gateway.turns.push({ status: 429, headers: { 'retry-after': '1' } })
    const sinceMs = performance.now()
    recordAll(recorder, actions(1))
    expect(await recorder.flush()).toMatchObject({ written: 1 })
    expect(performance.now() - sinceMs).toBeGreaterThanOrEqual(999)
    expect(posts(gateway)).toBe(2)
  })

  test('drops one that the server refuses for good, with the reason, and no other', async () => {
    const { recorder, logged, onRecord } = await scene()
    const id = nextId(Date.parse('2025-11-04T10:00:00Z'))
    const event = { id, timestamp: '2025-11-04T10:00:00.000Z', eventType: 'OPERATION', tenant: 'acme' }
    recorder.record({ ...event, action: 'first' })
    await recorder.flush()
    recordAll(recorder, ['good'])
    recorder.record({ ...event, action: 'other' })
    recordAll(recorder, ['better'])
    expect(await recorder.flush()).toMatchObject({ written: 3, dropped: 1 })
    expect(recorder.counts().dropped).toMatchObject({ conflict: 1 })
    expect(logged.join('\n')).toContain(id)
    expect(await onRecord()).toEqual(['first', 'good', 'better'])
  })
})
