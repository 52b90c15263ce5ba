import { setTimeout } from 'node:timers/promises'
import { migrate, openDatabase } from '@steptrail/core'
import {
  Chance,
  describeOnNats,
  type NatsCluster,
  type PostgresServer,
  type Program,
  releaseAfterTest,
  startNats,
  startPostgres,
  startProgram,
} from '@steptrail/testkit'
import { createNatsRecorder, Ingester, readDeadLetters } from '@steptrail/nats'
import { expect, it, vi } from 'vitest'

const program = new URL('./ingester-program.ts', import.meta.url)
const stream = 'fleet'
const forMs = Number(process.env['STEPTRAIL_FLEET_MS'] ?? 10_000)
const seed = Number(process.env['STEPTRAIL_FLEET_SEED'] ?? Date.now() % 1_000_000)

interface Fleet {
  readonly nats: NatsCluster
  readonly postgres: PostgresServer
  readonly chance: Chance
  readonly ingesters: Program[]
  readonly startIngester: () => Program
}

/** What is done to a fleet under load. Each leaves it whole. */
const faults: Readonly<Record<string, (fleet: Fleet) => Promise<void>>> = {
  'kill a node': async ({ nats, chance }) => {
    const node = nats.node(chance.whole(0, nats.nodes.length - 1))
    await node.kill()
    await setTimeout(500)
    await node.start()
    await node.ready()
  },
  'stop a node for a while': async ({ nats, chance }) => {
    const node = nats.node(chance.whole(0, nats.nodes.length - 1))
    node.suspend()
    await setTimeout(2_500)
    node.resume()
    await node.ready()
  },
  'kill an ingester': async ({ ingesters, chance, startIngester }) => {
    const index = chance.whole(0, ingesters.length - 1)
    await ingesters[index]?.kill()
    ingesters[index] = startIngester()
  },
  'stop an ingester for longer than it may keep messages': async ({ ingesters, chance }) => {
    const pid = ingesters[chance.whole(0, ingesters.length - 1)]?.pid ?? 0
    process.kill(pid, 'SIGSTOP')
    await setTimeout(2_500)
    process.kill(pid, 'SIGCONT')
  },
  'kill the database': async ({ postgres }) => {
    await postgres.kill()
    await postgres.start()
  },
}

describeOnNats('a fleet', () => {
  it(
    'has each acknowledged event on record once, whatever of it is killed or stopped under load',
    { timeout: forMs + 120_000 },
    async () => {
      const fleet = await startFleet()
      const recording = createNatsRecorder({
        servers: fleet.nats.servers,
        stream,
        spool: false,
        recorder: {
          retryMinMs: 20,
          retryMaxMs: 200,
          logger: { warn: () => undefined, error: () => undefined },
        },
      })
      releaseAfterTest(() => recording.close({ deadlineMs: 100 }))
      const loading = new AbortController()
      const load = record(recording.recorder, loading.signal)
      const done = await breakThings(fleet)
      loading.abort()
      const emitted = await load
      const flushed = await recording.recorder.flush({ deadlineMs: 60_000 })
      const said = `seed ${seed}: ${done.join(', ')}`
      expect(flushed, said).toEqual({ written: emitted, spooled: 0, dropped: 0, pending: 0 })
      await vi.waitFor(async () => expect(await onRecord(fleet.postgres), said).toEqual(exactly(emitted)), {
        timeout: 60_000,
        interval: 200,
      })
      for await (const letter of readDeadLetters({ servers: fleet.nats.servers, stream }))
        expect(letter, said).toBeUndefined()
    },
  )
})

async function startFleet(): Promise<Fleet> {
  const [nats, postgres] = await Promise.all([startNats(3), startPostgres()])
  releaseAfterTest(() => postgres.stop())
  const url = postgres.url()
  await using database = await openDatabase({ url })
  await migrate(database)
  // The first one makes the streams.
  await using first = new Ingester(database, { servers: nats.servers, stream, ackWaitMs: 2_000 })
  await vi.waitFor(() => first.waiting(), { timeout: 30_000, interval: 50 })
  const args = [url, nats.servers.join(','), stream]
  const startIngester = (): Program => startProgram(program, { args })
  return {
    nats,
    postgres,
    chance: new Chance(seed),
    ingesters: [startIngester(), startIngester()],
    startIngester,
  }
}

/** Some hundred events a second, until it is aborted; how many they were. */
async function record(
  recorder: ReturnType<typeof createNatsRecorder>['recorder'],
  signal: AbortSignal,
): Promise<number> {
  let emitted = 0
  while (!signal.aborted) {
    for (let each = 0; each < 10; each += 1) {
      recorder.record({ eventType: 'OPERATION', action: `act_${emitted}` })
      emitted += 1
    }
    await setTimeout(25)
  }
  return emitted
}

/** Does each thing once, in an order of its own, and goes on by chance until the time is over; what it did. */
async function breakThings(fleet: Fleet): Promise<readonly string[]> {
  const untilMs = performance.now() + forMs
  await Promise.all(fleet.ingesters.map((ingester) => ingester.line('it has ingested')))
  const names = Object.keys(faults)
  const left = [...names]
  const done: string[] = []
  while (left.length > 0 || performance.now() < untilMs) {
    const from = left.length > 0 ? left : [...names]
    const [name = ''] = from.splice(fleet.chance.whole(0, from.length - 1), 1)
    done.push(name)
    await faults[name]?.(fleet)
  }
  return done
}

const exactly = (events: number) => ({ events, ids: events, numbers: events, last: events })

async function onRecord(postgres: PostgresServer) {
  await using database = await openDatabase({ url: postgres.url() })
  const { rows } = await database.query(`
    select count(*)::int as events, count(distinct id)::int as ids,
      count(distinct recorder_seq)::int as numbers, max(recorder_seq)::int as last
    from audit_event where event_type = 'OPERATION'`)
  return rows[0]
}
