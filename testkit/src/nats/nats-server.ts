import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { signalIfThere } from '../supervision/signal-if-there.ts'
import { supervised, type SupervisedServer } from '../supervision/supervised-server.ts'

/** Where a node is, and where the others of its cluster are. */
export interface NatsPlace {
  readonly program: string
  readonly name: string
  readonly directory: string
  readonly port: number
  readonly monitorPort: number
  /** Its own port for the other nodes, and the ports at which it reaches them; null for a node by itself. */
  readonly cluster: { readonly port: number; readonly routes: readonly number[] } | null
  /** Whether it keeps its own address from others: who is to reach it knows of a way. */
  readonly isHidden: boolean
}

/** One node of NATS with JetStream. Its ports and its data stay the same from an end to the next start. */
export class NatsServer {
  readonly #place: NatsPlace
  #running: SupervisedServer | undefined
  #configuration: string | undefined

  constructor(place: NatsPlace) {
    this.#place = place
  }

  /** Where clients reach it: a port of 127.0.0.1. */
  get port(): number {
    return this.#place.port
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`
  }

  /**
   * Ends it, and starts it with what it is told beside what the test kit tells it: text as NATS reads its configuration.
   * Resolves when it is {@link ready}.
   */
  async restartWith(configuration: string): Promise<void> {
    await this.kill()
    this.#configuration = join(this.#place.directory, 'test.conf')
    await writeFile(this.#configuration, configuration)
    await this.start()
    await this.ready()
  }

  /** Starts it; resolves when it accepts connections, which may be before its JetStream is {@link ready}. */
  async start(): Promise<void> {
    if (this.#running?.isRunning() === true) return
    const { program, directory } = this.#place
    const server = await supervised({
      program,
      directory,
      args: [
        ...argsOf(this.#place),
        ...(this.#configuration === undefined ? [] : ['-c', this.#configuration]),
      ],
      readyWhen: 'Server is ready',
      stopSignal: 'SIGKILL',
    })
    if ('log' in server) throw new Error(`nats-server did not start: ${server.log}`)
    this.#running = server
  }

  /** Resolves when its JetStream is there, and knows the leader of its cluster. */
  async ready(): Promise<void> {
    const url = `http://127.0.0.1:${this.#place.monitorPort}/healthz`
    for (;;) {
      const isHealthy = await fetch(url).then(
        ({ ok }) => ok,
        () => false,
      )
      if (isHealthy) return
      await setTimeout(50)
    }
  }

  /** Ends it as a power cut does. */
  async kill(): Promise<void> {
    await this.#running?.end('SIGKILL')
  }

  /** Stops it without a word to anybody: its connections stay, and nothing answers. */
  suspend(): void {
    this.#signal('SIGSTOP')
  }

  /** Lets it go on after {@link suspend}. */
  resume(): void {
    this.#signal('SIGCONT')
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.#running?.isRunning() === true) signalIfThere(this.#running.pid, signal)
  }
}

/** Where nobody is. */
const nowhere = '127.0.0.1:1'

function argsOf({ name, directory, port, monitorPort, cluster, isHidden }: NatsPlace): readonly string[] {
  const alone = ['-a', '127.0.0.1', '-p', port, '-m', monitorPort, '-n', name, '-js', '-sd', directory]
  if (!cluster) return alone.map(String)
  const local = (each: number): string => `nats://127.0.0.1:${each}`
  const routes = cluster.routes.map(local).join(',')
  const hidden = isHidden ? ['--client_advertise', nowhere, '--cluster_advertise', nowhere] : []
  const together = ['--cluster_name', 'test', '--cluster', local(cluster.port), '--routes', routes]
  return [...alone, ...together, ...hidden].map(String)
}
