import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Database, migrate, openDatabase } from '@steptrail/core'
import { SigningKey } from '@steptrail/log'
import { Ingester } from '@steptrail/nats'
import { Link, type NatsCluster, openNats, type PostgresServer } from '@steptrail/testkit'
import { startServer } from '../server.ts'
import { type Launch, Machine, type Ways } from './machine.ts'

/** The stream that the fleet records to. */
export const stream = 'fleet'

/** Everything that records, takes in, decides, works and seals, and what it stands on. */
export interface Fleet extends AsyncDisposable {
  readonly nats: NatsCluster
  readonly postgres: PostgresServer
  /** Not over a link: this is who looks. */
  readonly database: Database
  /** Two servers, which take events in, hold the clock and seal; and two workers, which decide. */
  readonly machines: readonly Machine[]
  /** The way of this process to each node, on which it records. */
  readonly recorderLinks: readonly Link[]
}

/** Starts three nodes with three replicas, a database, two servers and two workers, each with ways that can be cut. */
export async function startFleet(): Promise<Fleet> {
  await using starting = new AsyncDisposableStack()
  const directory = await mkdtemp(join(tmpdir(), 'steptrail-fleet-'))
  starting.defer(() => rm(directory, { recursive: true, force: true }))
  const nats = starting.use(await openNats(3, { canBeCut: true }))
  const postgres = starting.use(await startServer())
  const database = starting.use(await openDatabase({ url: postgres.url() }))
  await migrate(database)
  await makeStream(nats, database)
  const recorderLinks = await linksTo(nats)
  starting.defer(async () => void (await Promise.all(recorderLinks.map((link) => link.close()))))
  const { pem } = SigningKey.generate()
  const urlOver = ({ database: { port } }: Ways): string =>
    postgres.url().replace(`:${postgres.port}/`, `:${port}/`)
  const server =
    (name: string): Launch =>
    (ways) => ({
      file: new URL('../../../packages/cli/src/main.ts', import.meta.url),
      args: ['serve', '--json', '--port', '0', '--roles', 'ingest,clock,seal'],
      env: {
        DATABASE_URL: urlOver(ways),
        NATS_URL: urlsOf(ways.nodes).join(','),
        STEPTRAIL_NATS_STREAM: stream,
        STEPTRAIL_SIGNING_KEY: pem,
        STEPTRAIL_LOG_DIR: join(directory, name),
        STEPTRAIL_DATA_DIR: join(directory, name),
      },
    })
  const worker: Launch = (ways) => ({
    file: new URL('worker-program.ts', import.meta.url),
    args: [urlOver(ways)],
  })
  const launches = {
    'server 1': server('one'),
    'server 2': server('two'),
    'worker 1': worker,
    'worker 2': worker,
  }
  const machines: Machine[] = []
  for (const [name, launch] of Object.entries(launches)) {
    const ways = { database: await Link.open(() => postgres.port), nodes: await linksTo(nats) }
    machines.push(starting.use(new Machine(name, ways, launch)))
  }
  const started = starting.move()
  return {
    nats,
    postgres,
    database,
    machines,
    recorderLinks,
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}

/** The nodes of NATS, each by its link. */
export const urlsOf = (links: readonly Link[]): readonly string[] =>
  links.map(({ port }) => `nats://127.0.0.1:${port}`)

const linksTo = ({ nodes }: NatsCluster): Promise<readonly Link[]> =>
  Promise.all(nodes.map((node) => Link.open(() => node.port)))

/** The first ingester makes the streams; who records before that waits. */
async function makeStream({ servers }: NatsCluster, database: Database): Promise<void> {
  await using ingester = new Ingester(database, { servers, stream })
  const waiting = (): Promise<number | null> => ingester.waiting().catch(() => null)
  while ((await waiting()) === null) await new Promise((resolve) => setTimeout(resolve, 50))
}
