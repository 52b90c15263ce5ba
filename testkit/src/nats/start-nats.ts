import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe } from 'vitest'
import { releaseAfterTest } from '../release.ts'
import { freePort } from '../supervision/supervised-server.ts'
import { natsMissing, natsProgram } from './nats-program.ts'
import { type NatsPlace, NatsServer } from './nats-server.ts'

/** Nodes of NATS with JetStream: one by itself, or several that are a cluster. */
export class NatsCluster implements AsyncDisposable {
  readonly nodes: readonly NatsServer[]
  readonly #directory: string

  constructor(nodes: readonly NatsServer[], directory: string) {
    this.nodes = nodes
    this.#directory = directory
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

  /** Ends them and removes their data. */
  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.kill()))
    await rm(this.#directory, { recursive: true, force: true })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }
}

/** Starts so many nodes on loopback and free ports; resolves when JetStream is ready on each. Throws where there is no nats-server. */
export async function openNats(count = 1): Promise<NatsCluster> {
  const program = natsProgram()
  if (program === undefined) throw new Error(natsMissing)
  const directory = await mkdtemp(join(tmpdir(), 'steptrail-nats-'))
  const places = await placesIn(directory, program, count)
  await Promise.all(places.map((place) => mkdir(place.directory)))
  const nodes = places.map((place) => new NatsServer(place))
  const cluster = new NatsCluster(nodes, directory)
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
export async function startNats(count = 1): Promise<NatsCluster> {
  const cluster = await openNats(count)
  releaseAfterTest(() => cluster.stop())
  return cluster
}

/** A suite that needs NATS: skipped where there is none, as the run has said when it began. */
export function describeOnNats(name: string, suite: () => void): void {
  describe.skipIf(natsProgram() === undefined)(`${name} on NATS JetStream`, () => {
    suite()
  })
}

async function placesIn(directory: string, program: string, count: number): Promise<readonly NatsPlace[]> {
  const ports = await Promise.all(Array.from({ length: 3 * count }, () => freePort()))
  const routes = ports.slice(2 * count)
  return Array.from({ length: count }, (_, index) => ({
    program,
    name: `node-${index}`,
    directory: join(directory, `node-${index}`),
    port: ports[index] as number,
    monitorPort: ports[count + index] as number,
    cluster: count === 1 ? null : { port: routes[index] as number, routes },
  }))
}
