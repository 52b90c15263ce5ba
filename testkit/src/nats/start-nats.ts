import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe } from 'vitest'
import { Link } from '../network/link.ts'
import { releaseAfterTest } from '../release.ts'
import { freePort } from '../supervision/supervised-server.ts'
import { natsMissing, natsProgram } from './nats-program.ts'
import { type NatsPlace, NatsServer } from './nats-server.ts'

/** What a cluster is made of. */
interface Parts {
  readonly nodes: readonly NatsServer[]
  readonly directory: string
  /** Of each pair of nodes the way from the first to the second; none where nodes reach each other as they are. */
  readonly routes: readonly Route[]
}

/** The way of one node to another. */
interface Route {
  readonly from: number
  readonly to: number
  readonly link: Link
}

/** How a cluster is started. */
export interface NatsClusterOptions {
  /** Nodes reach each other over links that can be cut, and tell nobody where they are. */
  readonly canBeCut?: boolean
}

/** Nodes of NATS with JetStream: one by itself, or several that are a cluster. */
export class NatsCluster implements AsyncDisposable {
  readonly nodes: readonly NatsServer[]
  readonly #directory: string
  readonly #routes: readonly Route[]

  constructor({ nodes, directory, routes }: Parts) {
    this.nodes = nodes
    this.#directory = directory
    this.#routes = routes
  }

  /** The URLs of all nodes. */
  get servers(): readonly string[] {
    return this.nodes.map(({ url }) => url)
  }

  /** One of the nodes. */
  node(index: number): NatsServer {
    const node = this.nodes[index]
    if (!node) throw new Error(`there is no node ${index} among ${this.nodes.length}`)
    return node
  }

  /** Cuts a node off from the other nodes, which know nothing of it; its clients still reach it. */
  cutOff(index: number): void {
    for (const { link } of this.#routesOf(index)) link.cut()
  }

  /** Ends what {@link cutOff} did. */
  joinAgain(index: number): void {
    for (const { link } of this.#routesOf(index)) link.mend()
  }

  /** Ends them and removes their data. */
  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.kill()))
    await Promise.all(this.#routes.map(({ link }) => link.close()))
    await rm(this.#directory, { recursive: true, force: true })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  #routesOf(index: number): readonly Route[] {
    if (this.#routes.length === 0) throw new Error('the nodes were not started with canBeCut')
    return this.#routes.filter(({ from, to }) => from === index || to === index)
  }
}

/** Starts so many nodes on loopback and free ports; resolves when JetStream is ready on each. Throws where there is no nats-server. */
export async function openNats(count = 1, options: NatsClusterOptions = {}): Promise<NatsCluster> {
  const program = natsProgram()
  if (program === undefined) throw new Error(natsMissing)
  const directory = await mkdtemp(join(tmpdir(), 'steptrail-nats-'))
  const ports = await portsOf(count)
  const routes = options.canBeCut ? await linksBetween(ports.map(({ clusterPort }) => clusterPort)) : []
  const places = placesOf({ directory, program, ports, routes })
  await Promise.all(places.map((place) => mkdir(place.directory)))
  const nodes = places.map((place) => new NatsServer(place))
  const cluster = new NatsCluster({ nodes, directory, routes })
  try {
    await Promise.all(nodes.map((node) => node.start()))
    await Promise.all(nodes.map((node) => node.ready()))
    return cluster
  } catch (error) {
    await cluster.stop()
    throw error
  }
}

/** {@link openNats} for a test, or a test file: the nodes end with it. */
export async function startNats(count = 1, options: NatsClusterOptions = {}): Promise<NatsCluster> {
  const cluster = await openNats(count, options)
  releaseAfterTest(() => cluster.stop())
  return cluster
}

/** A suite that needs NATS: skipped where there is none, as the run has said when it began. */
export function describeOnNats(name: string, suite: () => void): void {
  describe.skipIf(natsProgram() === undefined)(`${name} on NATS JetStream`, () => {
    suite()
  })
}

/** Where one node listens: for clients, for questions about its health, for the other nodes. */
interface NodePorts {
  readonly port: number
  readonly monitorPort: number
  readonly clusterPort: number
}

async function portsOf(count: number): Promise<readonly NodePorts[]> {
  const ports = await Promise.all(Array.from({ length: 3 * count }, () => freePort()))
  return Array.from({ length: count }, (_, index) => ({
    port: ports[index] as number,
    monitorPort: ports[count + index] as number,
    clusterPort: ports[2 * count + index] as number,
  }))
}

async function linksBetween(clusterPorts: readonly number[]): Promise<readonly Route[]> {
  const pairs = clusterPorts.flatMap((_, from) => clusterPorts.map((port, to) => ({ from, to, port })))
  return await Promise.all(
    pairs
      .filter(({ from, to }) => from !== to)
      .map(async ({ from, to, port }) => ({ from, to, link: await Link.open(() => port) })),
  )
}

interface Plan {
  readonly directory: string
  readonly program: string
  readonly ports: readonly NodePorts[]
  readonly routes: readonly Route[]
}

function placesOf({ directory, program, ports, routes }: Plan): readonly NatsPlace[] {
  return ports.map(({ clusterPort, ...own }, index) => {
    const ways =
      routes.length > 0
        ? routes.filter(({ from }) => from === index).map(({ link }) => link.port)
        : ports.map((each) => each.clusterPort)
    return {
      program,
      name: `node-${index}`,
      directory: join(directory, `node-${index}`),
      ...own,
      cluster: ports.length === 1 ? null : { port: clusterPort, routes: ways },
      isHidden: routes.length > 0,
    }
  })
}
