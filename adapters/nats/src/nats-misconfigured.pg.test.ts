import {
  type ConsumerConfig,
  DiscardPolicy,
  jetstream,
  jetstreamManager,
  type StreamConfig,
} from '@nats-io/jetstream'
import { connect, nanos, type NatsConnection } from '@nats-io/transport-node'
import { type Database, listEvents } from '@steptrail/core'
import { createUuidV7Generator } from '@steptrail/event'
import {
  describeOnNats,
  type NatsCluster,
  openTestDatabase,
  releaseAfterTest,
  startNats,
} from '@steptrail/testkit'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import {
  createNatsRecorder,
  Ingester,
  type IngesterOptions,
  type NatsRecorderOptions,
  readDeadLetters,
} from './index.ts'

const nextId = createUuidV7Generator()
const waitFor = { timeout: 20_000, interval: 20 }

const eventOf = (serviceName: string): string => {
  const timestamp = Date.now()
  const identity = { id: nextId(timestamp), timestamp: new Date(timestamp).toISOString() }
  return JSON.stringify({ ...identity, eventType: 'OPERATION', action: 'act', serviceName })
}

let database: Database
let shared: NatsCluster
beforeAll(async () => {
  const [opened, cluster] = await Promise.all([openTestDatabase('postgres'), startNats()])
  database = opened
  shared = cluster
})

/** Streams of their own let tests share a node and a database. */
const streamOfTest = (): string => `s-${nextId(Date.now())}`

function ingest(options: Partial<IngesterOptions>) {
  const told: string[] = []
  const onTrouble = (_: string, cause: unknown): void => void told.push(String(cause))
  const ingester = new Ingester(database, { servers: shared.servers, onTrouble, ...options })
  releaseAfterTest(() => ingester.close())
  return { ingester, told }
}

function recordTo(options: Partial<NatsRecorderOptions> & { readonly stream: string }) {
  const warned: string[] = []
  const warn = (_: string, { error }: { error?: Error } = {}): void => void warned.push(error?.message ?? '')
  const recording = createNatsRecorder({
    servers: shared.servers,
    spool: false,
    publishTimeoutMs: 300,
    ...options,
    recorder: {
      serviceName: options.stream,
      batchAgeMs: 5,
      retryMinMs: 10,
      retryMaxMs: 50,
      logger: { warn, error: warn },
    },
  })
  releaseAfterTest(() => recording.close({ deadlineMs: 500 }))
  return { recorder: recording.recorder, warned }
}

async function connected(servers = shared.servers, login = {}): Promise<NatsConnection> {
  const connection = await connect({ servers: [...servers], ...login })
  releaseAfterTest(() => connection.close())
  return connection
}

const onRecord = async (source: string): Promise<number> =>
  (await listEvents(database, { source, limit: 1_000 })).items.length

async function deadLettersOf(stream: string, servers = shared.servers): Promise<readonly string[]> {
  const texts: string[] = []
  for await (const { data } of readDeadLetters({ servers, stream }))
    texts.push(new TextDecoder().decode(data))
  return texts
}

describeOnNats('a stream or a consumer that was made otherwise', () => {
  const streams: readonly (readonly [string, (name: string) => Partial<StreamConfig>, RegExp])[] = [
    ['that is in memory', () => ({ storage: 'memory' }), /in memory/],
    ['that acknowledges nothing', () => ({ no_ack: true }), /no_ack/],
    [
      'that hears applications alone',
      (name) => ({ subjects: [`${name}.events`] }),
      /does not hear \S+\.engine:/,
    ],
    ['that hears something else', () => ({ subjects: [nextId(Date.now())] }), /\.events and \S+\.engine:/],
  ]
  it.each(streams)('%s is refused', async (_, settings, reason) => {
    const stream = streamOfTest()
    const { streams: made } = await jetstreamManager(await connected())
    await made.add({
      name: stream,
      subjects: [`${stream}.events`, `${stream}.engine`],
      retention: 'workqueue',
      discard: 'new',
      ...settings(stream),
    })
    const { ingester, told } = ingest({ stream })
    await vi.waitFor(() => expect(ingester.state).toBe('in trouble'), waitFor)
    expect(told.join('\n')).toMatch(reason)
  })

  const consumers: readonly (readonly [string, (stream: string) => Partial<ConsumerConfig>, RegExp])[] = [
    ['that gives up', () => ({ max_deliver: 1 }), /gives up after 1 deliveries/],
    ['that delivers no data', () => ({ headers_only: true }), /headers_only/],
    ['of one subject', (name) => ({ filter_subject: `${name}.engine` }), /leaves out \S+\.events/],
    ['that pushes', () => ({ deliver_subject: 'push.here' }), /pushes messages/],
  ]
  it.each(consumers)(
    'a consumer %s is refused, and made anew when it is deleted',
    async (_, settings, reason) => {
      const stream = streamOfTest()
      const manager = await jetstreamManager(await connected())
      const subjects = [`${stream}.events`, `${stream}.engine`]
      await manager.streams.add({ name: stream, subjects, retention: 'workqueue', discard: 'new' })
      const config: Partial<ConsumerConfig> = { durable_name: 'ingesters', ack_policy: 'explicit' }
      await manager.consumers.add(stream, { ...config, ...settings(stream) })
      const { ingester, told } = ingest({ stream })
      const { recorder } = recordTo({ stream })
      recorder.record({ eventType: 'OPERATION', action: 'act' })
      await recorder.flush()
      await vi.waitFor(() => expect(ingester.state).toBe('in trouble'), waitFor)
      expect(told.join('\n')).toMatch(reason)
      expect(ingester.counts.rejected).toBe(0)
      await manager.consumers.delete(stream, 'ingesters')
      await vi.waitFor(() => expect(ingester.counts.created).toBe(1), waitFor)
    },
  )

  it('a consumer that refuses each request is told of once, and is no reason to be called ready', async () => {
    const stream = streamOfTest()
    const manager = await jetstreamManager(await connected())
    const subjects = [`${stream}.events`, `${stream}.engine`]
    await manager.streams.add({ name: stream, subjects, retention: 'workqueue', discard: 'new' })
    const most = { max_expires: nanos(1_000) }
    await manager.consumers.add(stream, { durable_name: 'ingesters', ack_policy: 'explicit', ...most })
    const { ingester, told } = ingest({ stream })
    await vi.waitFor(() => expect(ingester.state).toBe('in trouble'), waitFor)
    const states = new Set<string>()
    const tries = { timeout: 2_000, interval: 5 }
    await expect(
      vi.waitFor(() => states.add(ingester.state) && expect(told).toHaveLength(2), tries),
    ).rejects.toThrow('to have a length of 2')
    expect([...states]).toEqual(['in trouble'])
  })

  it('a stream whose events go to another trail is left to that one', async () => {
    const stream = streamOfTest()
    const { ingester: first } = ingest({ stream })
    await vi.waitFor(() => first.waiting(), waitFor)
    const other = await openTestDatabase('postgres')
    // Databases of tests are copies of one; others have a name each.
    await other.query('update feed_identity set feed_uuid = uuid_v7()')
    const second = new Ingester(other, { servers: shared.servers, stream })
    releaseAfterTest(() => second.close())
    await vi.waitFor(() => expect(second.state).toBe('in trouble'), waitFor)
    expect(String(second.trouble)).toMatch(/is of another trail .*give each a stream of its own/)
    expect(first.state).toBe('ingesting')
  })

  it('an event that another stream takes in the place of this one is not said to be written', async () => {
    const stream = streamOfTest()
    const { streams: made } = await jetstreamManager(await connected())
    await made.add({ name: `all-${stream}`, subjects: [`${stream}.>`], max_age: nanos(60_000) })
    const { recorder, warned } = recordTo({ stream })
    recorder.record({ eventType: 'OPERATION', action: 'act' })
    expect(await recorder.flush({ deadlineMs: 500 })).toMatchObject({ written: 0, pending: 1 })
    expect(warned.join('\n')).toContain(`the stream all-${stream} hears it in the place of ${stream}`)
    const { ingester } = ingest({ stream })
    await vi.waitFor(() => expect(String(ingester.trouble)).toContain('subjects overlap'), waitFor)
    await made.delete(`all-${stream}`)
    await vi.waitFor(() => expect(ingester.counts.created).toBe(1), waitFor)
  })
})

describeOnNats('what can never be on record', () => {
  it('holds up nothing where the stream of dead letters does not take it, and is kept once that does', async () => {
    const stream = streamOfTest()
    const connection = await connected()
    const manager = await jetstreamManager(connection)
    const dead = { name: `${stream}-dead`, subjects: [`${stream}.dead`], discard: DiscardPolicy.New }
    await manager.streams.add({ ...dead, max_msgs: 1 })
    const { ingester, told } = ingest({ stream, batchEvents: 1, ackWaitMs: 1_000 })
    await vi.waitFor(() => ingester.waiting(), waitFor)
    const bad = ['bad 1', 'bad 2', 'bad 3', 'bad 4', 'bad 5']
    for (const text of bad) await jetstream(connection).publish(`${stream}.events`, text)
    await jetstream(connection).publish(`${stream}.events`, eventOf(stream))
    await vi.waitFor(async () => expect(await onRecord(stream)).toBe(1), waitFor)
    await vi.waitFor(() => expect(ingester.state).toBe('in trouble'), waitFor)
    expect(told.join('\n')).toContain('JetStream refuses: maximum messages exceeded')
    expect(await ingester.waiting()).toBe(4)
    await manager.streams.update(dead.name, { max_msgs: -1 })
    await vi.waitFor(async () => expect((await deadLettersOf(stream)).toSorted()).toEqual(bad), waitFor)
    await vi.waitFor(async () => expect(await ingester.waiting()).toBe(0), waitFor)
    await vi.waitFor(() => expect(ingester.state).toBe('ingesting'), waitFor)
    expect(ingester.counts).toEqual({ created: 1, duplicate: 0, conflict: 0, rejected: 5 })
  })

  it('does not hold up the end of an ingester whose nodes say nothing any more', async () => {
    const cluster = await startNats()
    const { servers } = cluster
    const stream = streamOfTest()
    const connection = await connected(servers)
    const manager = await jetstreamManager(connection)
    const dead = { name: `${stream}-dead`, subjects: [`${stream}.dead`], discard: DiscardPolicy.New }
    await manager.streams.add({ ...dead, max_msgs: 1 })
    const { ingester, told } = ingest({ servers, stream })
    await vi.waitFor(() => ingester.waiting(), waitFor)
    for (let number = 0; number < 600; number++) connection.publish(`${stream}.events`, `bad ${number}`)
    await connection.flush()
    await vi.waitFor(() => expect(String(ingester.trouble)).toContain('maximum messages exceeded'), waitFor)
    cluster.node(0).suspend()
    releaseAfterTest(async () => cluster.node(0).resume())
    await vi.waitFor(() => expect(told.join('\n')).toContain('heartbeats missed'), waitFor)
    await ingester.close()
    expect(ingester.state).toBe('closed')
  }, 25_000)

  it('is kept also where its stream was made anew and counts from 1 again', async () => {
    const stream = streamOfTest()
    const connection = await connected()
    const manager = await jetstreamManager(connection)
    const { ingester } = ingest({ stream })
    await vi.waitFor(() => ingester.waiting(), waitFor)
    await jetstream(connection).publish(`${stream}.events`, 'before')
    await vi.waitFor(() => expect(ingester.counts.rejected).toBe(1), waitFor)
    await manager.streams.delete(stream)
    await vi.waitFor(() => manager.streams.info(stream), waitFor)
    await jetstream(connection).publish(`${stream}.events`, 'after')
    await vi.waitFor(() => expect(ingester.counts.rejected).toBe(2), waitFor)
    expect(await deadLettersOf(stream)).toEqual(['before', 'after'])
  })
})

describe('what nodes have room for', () => {
  async function limited(configuration: string) {
    const cluster = await startNats()
    await cluster.node(0).restartWith(configuration)
    return cluster.servers
  }

  describeOnNats('limits', () => {
    it('of an account that keep the streams from being made are told, with what is needed', async () => {
      const [server = ''] = await limited(
        'accounts { A { users: [ { user: a, password: p } ], jetstream: { max_streams: 1 } } }',
      )
      const { ingester } = ingest({ servers: [server.replace('//', '//a:p@')] })
      await vi.waitFor(
        () =>
          expect(String(ingester.trouble)).toMatch(/the stream steptrail-dead: .*two streams and a consumer/),
        waitFor,
      )
    })

    it('of a leaf node by itself, which has the name of a cluster, are kept to', async () => {
      const servers = await limited('leafnodes { remotes: [ { url: "nats://127.0.0.1:1" } ] }')
      const stream = streamOfTest()
      const { ingester } = ingest({ servers, stream })
      const { recorder } = recordTo({ servers, stream })
      recorder.record({ eventType: 'OPERATION', action: 'act' })
      await vi.waitFor(() => expect(ingester.counts.created).toBe(1), waitFor)
    })

    it('of a payload that are small let through what they have room for', async () => {
      const servers = await limited('max_payload: 900')
      const stream = streamOfTest()
      const { ingester } = ingest({ servers, stream })
      await vi.waitFor(() => ingester.waiting(), waitFor)
      const { recorder, warned } = recordTo({ servers, stream })
      recorder.record({ eventType: 'OPERATION', action: 'act' })
      recorder.record({ eventType: 'OPERATION', action: 'act', details: { text: 'x'.repeat(900) } })
      expect(await recorder.flush()).toMatchObject({ written: 1, dropped: 1 })
      await vi.waitFor(async () => expect(await onRecord(stream)).toBe(1), waitFor)
      expect(warned).toHaveLength(1)
    })
  })
})

describe('whom NATS does not let in, or not everywhere', () => {
  const usersOf = (password: string, permissions = ''): string =>
    `authorization { users = [
      { user: a, password: "${password}" ${permissions} }, { user: root, password: "root" } ] }`

  async function guarded(configuration: string) {
    const cluster = await startNats()
    const [server = ''] = cluster.servers
    const restart = (text: string): Promise<void> => cluster.node(0).restartWith(text)
    await restart(configuration)
    return { servers: [server.replace('//', '//a:first@')], bare: [server], restart }
  }

  describeOnNats('logins', () => {
    it('records and ingests again, once its password is right again', async () => {
      const { servers, restart } = await guarded(usersOf('first'))
      const stream = streamOfTest()
      const { ingester, told } = ingest({ servers, stream })
      const { recorder, warned } = recordTo({ servers, stream })
      await vi.waitFor(() => ingester.waiting(), waitFor)
      await restart(usersOf('second'))
      recorder.record({ eventType: 'OPERATION', action: 'act' })
      await vi.waitFor(() => expect(told.join('\n')).toContain('Authorization Violation'), waitFor)
      await vi.waitFor(() => expect(warned.join('\n')).toContain('Authorization Violation'), waitFor)
      await restart(usersOf('first'))
      await vi.waitFor(async () => expect(await onRecord(stream)).toBe(1), waitFor)
      await vi.waitFor(() => expect(ingester.state).toBe('ingesting'), waitFor)
    })

    it('are told where they may not publish, though nobody answers them', async () => {
      const { servers } = await guarded(usersOf('first', ', permissions: { publish: ["$JS.>"] }'))
      const { recorder, warned } = recordTo({ servers, stream: 'steptrail' })
      recorder.record({ eventType: 'OPERATION', action: 'act' })
      await vi.waitFor(
        () =>
          expect(warned.join('\n')).toContain('NATS does not allow this user to publish at steptrail.events'),
        waitFor,
      )
    })

    it.each([
      ['acknowledge', 'publish: { deny: ["$JS.ACK.>"] }', 'publish at $JS.ACK.>'],
      [
        'ask for messages',
        'publish: { deny: ["$JS.API.CONSUMER.MSG.NEXT.>"] }',
        'publish at $JS.API.CONSUMER.MSG',
      ],
      ['hear answers', 'subscribe: ["x"]', 'subscribe to _INBOX.>'],
    ])('stop ingesting where they may not %s, and say so', async (_, permissions, said) => {
      const { servers, bare } = await guarded(usersOf('first', `, permissions: { ${permissions} }`))
      const stream = streamOfTest()
      const root = await connected(bare, { user: 'root', pass: 'root' })
      const manager = await jetstreamManager(root)
      const subjects = [`${stream}.events`, `${stream}.engine`]
      await manager.streams.add({ name: stream, subjects, retention: 'workqueue', discard: 'new' })
      await jetstream(root).publish(`${stream}.events`, eventOf(stream))
      const { ingester } = ingest({ servers, stream, ackWaitMs: 200 })
      await vi.waitFor(
        () => expect(String(ingester.trouble)).toContain(`NATS does not allow this user to ${said}`),
        waitFor,
      )
      expect((await manager.streams.info(stream)).state.messages).toBe(1)
    })

    it('can do with the permissions that the guide names', async () => {
      const permissions = {
        ingester: 'publish: ["$JS.API.>", "$JS.ACK.steptrail.>", "steptrail.dead"], subscribe: ["_INBOX.>"]',
        shop: 'publish: ["steptrail.events"], subscribe: ["_INBOX.>"]',
      }
      const { bare } = await guarded(`authorization { users = [
        { user: shop, password: s, permissions: { ${permissions.shop} } },
        { user: ingester, password: i, permissions: { ${permissions.ingester} } } ] }`)
      const as = (login: string) => bare.map((server) => server.replace('//', `//${login}@`))
      const { ingester } = ingest({ servers: as('ingester:i') })
      await vi.waitFor(() => ingester.waiting(), waitFor)
      const { recorder } = recordTo({ servers: as('shop:s'), stream: 'steptrail' })
      recorder.record({ eventType: 'OPERATION', action: 'act' })
      const shop = await connected(bare, { user: 'shop', pass: 's' })
      await jetstream(shop).publish('steptrail.events', 'no event')
      await vi.waitFor(() => expect(ingester.counts).toMatchObject({ created: 1, rejected: 1 }), waitFor)
      expect(await deadLettersOf('steptrail', as('ingester:i'))).toEqual(['no event'])
      await vi.waitFor(async () => expect(await ingester.waiting()).toBe(0), waitFor)
      expect(ingester.state).toBe('ingesting')
    })
  })
})
