import { jetstream, type JetStreamManager, jetstreamManager } from '@nats-io/jetstream'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { type Database, listEvents } from '@steptrail/core'
import { createUuidV7Generator } from '@steptrail/event'
import {
  describeOnNats,
  type NatsCluster,
  openTestDatabase,
  releaseAfterTest,
  startNats,
} from '@steptrail/testkit'
import { beforeAll, expect, it, vi } from 'vitest'
import { createNatsRecorder, Ingester, type IngesterOptions } from './index.ts'

const nextId = createUuidV7Generator()
const waitFor = { timeout: 20_000, interval: 20 }

let database: Database
let cluster: NatsCluster
let connection: NatsConnection
let manager: JetStreamManager
beforeAll(async () => {
  ;[database, cluster] = await Promise.all([openTestDatabase('postgres'), startNats()])
  connection = await connect({ servers: [...cluster.servers] })
  releaseAfterTest(() => connection.close())
  manager = await jetstreamManager(connection)
})

const streamOfTest = (): string => `s-${nextId(Date.now())}`

function ingest(stream: string, options: Partial<IngesterOptions> = {}) {
  const told: string[] = []
  const onTrouble = (_: string, cause: unknown): void => void told.push(String(cause))
  const ingester = new Ingester(database, {
    servers: cluster.servers,
    stream,
    ackWaitMs: 500,
    onTrouble,
    ...options,
  })
  releaseAfterTest(() => ingester.close())
  return { ingester, told }
}

function recordTo(stream: string) {
  const warned: string[] = []
  const warn = (_: string, { error }: { error?: Error } = {}): void => void warned.push(error?.message ?? '')
  const recording = createNatsRecorder({
    servers: cluster.servers,
    stream,
    spool: false,
    publishTimeoutMs: 1_000,
    recorder: {
      serviceName: stream,
      batchAgeMs: 5,
      retryMinMs: 10,
      retryMaxMs: 50,
      logger: { warn, error: warn },
    },
  })
  releaseAfterTest(() => recording.close({ deadlineMs: 500 }))
  const record = (...actions: readonly string[]): void => {
    for (const action of actions) recording.recorder.record({ eventType: 'OPERATION', action })
  }
  return { record, recorder: recording.recorder, warned }
}

/** Nothing can be written until what is given is called. */
async function lockedTable(): Promise<() => Promise<void>> {
  const [locked, unlock] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const holding = database.transaction(async (tx) => {
    await tx('lock table audit_event in exclusive mode')
    locked.resolve()
    await unlock.promise
  })
  await locked.promise
  return async () => {
    unlock.resolve()
    await holding
  }
}

/** An ingester that has taken of these what it takes at once, and can write none of it until `unlock`. */
async function ingesterHolding(stream: string, ...actions: readonly string[]) {
  const { ingester } = ingest(stream, { batchEvents: 1, writesInFlight: 1, ackWaitMs: 60_000 })
  const { record, recorder } = recordTo(stream)
  await vi.waitFor(() => ingester.waiting(), waitFor)
  const unlock = await lockedTable()
  record(...actions)
  await recorder.flush()
  const taken = async (): Promise<number> =>
    (await manager.consumers.info(stream, 'ingesters')).num_ack_pending
  await vi.waitFor(async () => expect(await taken()).toBeGreaterThanOrEqual(2), waitFor)
  return { ingester, record, recorder, unlock }
}

const onRecord = async (source: string): Promise<readonly (string | null)[]> =>
  (await listEvents(database, { source, limit: 1_000 })).items.map(({ action }) => action).toSorted()

describeOnNats('a stream that is changed while it is used', () => {
  it('goes on when its consumer is deleted, and has each event on record once', async () => {
    const stream = streamOfTest()
    const { ingester } = ingest(stream)
    const { record } = recordTo(stream)
    record('a')
    await vi.waitFor(async () => expect(await onRecord(stream)).toEqual(['a']), waitFor)
    await manager.consumers.delete(stream, 'ingesters')
    record('b')
    await vi.waitFor(async () => expect(await onRecord(stream)).toEqual(['a', 'b']), waitFor)
    await vi.waitFor(() => expect(ingester.state).toBe('ingesting'), waitFor)
    expect(ingester.counts.created).toBe(2)
  })

  it('goes on when it is purged, with what comes after', async () => {
    const stream = streamOfTest()
    const { ingester } = ingest(stream)
    const { record } = recordTo(stream)
    await vi.waitFor(() => ingester.waiting(), waitFor)
    await ingester.close()
    record('purged')
    await vi.waitFor(async () => expect((await manager.streams.info(stream)).state.messages).toBe(1), waitFor)
    await manager.streams.purge(stream)
    const { ingester: next } = ingest(stream)
    await vi.waitFor(() => expect(next.state).toBe('ingesting'), waitFor)
    await manager.streams.purge(stream)
    record('after')
    await vi.waitFor(async () => expect(await onRecord(stream)).toEqual(['after']), waitFor)
    await vi.waitFor(async () => expect(await next.waiting()).toBe(0), waitFor)
  })

  it('and made anew keeps what it is given, also where the one before it had messages of the same numbers', async () => {
    const stream = streamOfTest()
    const { ingester, record, recorder, unlock } = await ingesterHolding(
      stream,
      'old 1',
      'old 2',
      'old 3',
      'old 4',
    )
    const { config } = await manager.streams.info(stream)
    const { config: ofConsumer } = await manager.consumers.info(stream, 'ingesters')
    await manager.streams.delete(stream)
    await manager.streams.add(config)
    await manager.consumers.add(stream, ofConsumer)
    record('new 1', 'new 2')
    await recorder.flush()
    const consumer = await jetstream(connection).consumers.get(stream, 'ingesters')
    const mine = await consumer.fetch({ max_messages: 2 })
    const unacknowledged: string[] = []
    for await (const message of mine) unacknowledged.push(message.json<{ action: string }>().action)
    expect(unacknowledged).toEqual(['new 1', 'new 2'])
    await unlock()
    await vi.waitFor(async () => expect(await onRecord(stream)).toContain('old 2'), waitFor)
    await ingester.close()
    expect((await manager.streams.info(stream)).state.messages).toBe(2)
  })

  it('goes on when it is deleted while ingesters have as much as they take', async () => {
    const stream = streamOfTest()
    const { ingester, record, unlock } = await ingesterHolding(stream, 'a', 'b', 'c', 'd')
    await manager.streams.delete(stream)
    await unlock()
    record('after')
    await vi.waitFor(async () => expect(await onRecord(stream)).toContain('after'), waitFor)
    await vi.waitFor(() => expect(ingester.state).toBe('ingesting'), waitFor)
  })

  it('that is full takes nothing more, says so to who records, and takes it once there is room', async () => {
    const stream = streamOfTest()
    const first = ingest(stream)
    await vi.waitFor(() => first.ingester.waiting(), waitFor)
    await first.ingester.close()
    await manager.streams.update(stream, { max_msgs: 2 })
    const { record, recorder, warned } = recordTo(stream)
    record('a', 'b', 'c', 'd')
    expect(await recorder.flush({ deadlineMs: 1_000 })).toMatchObject({ dropped: 0 })
    expect((await manager.streams.info(stream)).state.messages).toBe(2)
    expect(warned.join('\n')).toContain('maximum messages exceeded: see that ingesters take events')
    const { ingester } = ingest(stream)
    await vi.waitFor(async () => expect(await onRecord(stream)).toEqual(['a', 'b', 'c', 'd']), waitFor)
    expect(ingester.counts).toMatchObject({ created: 4, conflict: 0, rejected: 0 })
  })
})

describeOnNats('an ingester that is closed before it knows its trail', () => {
  it('makes no consumer, which would be refused to those that know it', async () => {
    const away = await openTestDatabase('postgres')
    await away.close()
    const stream = streamOfTest()
    const ingester = new Ingester(away, { servers: cluster.servers, stream })
    await ingester.close()
    await expect(manager.streams.info(stream)).rejects.toThrow('stream not found')
  })
})
