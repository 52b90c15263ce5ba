import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { install, superuser, type Installation } from './installation.ts'
import type { SupervisorOrder, SupervisorReport } from './supervise.ts'

/** How a test server is configured. */
export interface PostgresServerOptions {
  /** Parameters of `postgresql.conf`, over the defaults of {@link defaultSettings}. */
  readonly settings?: Readonly<Record<string, string>>
}

/**
 * Quick and unlike the developer's machine: nothing is flushed to disk (a crash of the server loses nothing by that, only
 * a crash of the machine would), and the time zone is an odd one, so that code which leans on the server's is found out.
 */
export const defaultSettings: Readonly<Record<string, string>> = {
  fsync: 'off',
  full_page_writes: 'off',
  max_connections: '200',
  max_prepared_transactions: '20',
  timezone: 'Asia/Kathmandu',
}

const supervisor = fileURLToPath(new URL('./supervise.ts', import.meta.url))
const maximumAttempts = 50

/**
 * Starts a PostgreSQL server of its own on a free loopback port, its data in a temporary directory. Text sorts by the
 * rules of a language (ICU, en-US), as it does on most servers and unlike JavaScript.
 *
 * @throws Error with the end of the server's log when it does not start.
 */
export async function startPostgres(options: PostgresServerOptions = {}): Promise<PostgresServer> {
  const directory = await mkdtemp(join(tmpdir(), 'steptrail-postgres-'))
  try {
    const installation = await install(directory)
    const settings = { ...defaultSettings, ...options.settings }
    const server = new PostgresServer({ ...installation, directory, settings, port: await freePort() })
    await server.start()
    return server
  } catch (error) {
    await rm(directory, { recursive: true, force: true })
    throw error
  }
}

interface ServerPlace extends Installation {
  readonly directory: string
  readonly settings: Readonly<Record<string, string>>
  readonly port: number
}

/** One PostgreSQL server. Its port and its data stay the same from a stop or a kill to the next start. */
export class PostgresServer {
  readonly #place: ServerPlace
  #port: number
  #running: { readonly supervisor: ChildProcess; readonly pid: number } | undefined

  constructor(place: ServerPlace) {
    this.#place = place
    this.#port = place.port
  }

  /** The port on 127.0.0.1. */
  get port(): number {
    return this.#port
  }

  /** The URL of a database on this server, as its superuser. */
  url(database = 'postgres'): string {
    return `postgres://${superuser}:${this.#place.password}@127.0.0.1:${this.#port}/${database}`
  }

  /** Starts the server; resolves when it accepts connections. Does nothing when it runs. */
  async start(): Promise<void> {
    if (this.#running) return
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.#launch()
      if (outcome.kind === 'ready') return
      if (attempt === maximumAttempts || !this.#canTryAgain(outcome.log)) {
        throw new Error(`PostgreSQL did not start: ${outcome.log}`)
      }
      await this.#beforeNextAttempt(outcome.log)
    }
  }

  /** Shuts the server down as an administrator does (fast: sessions are ended, all is written); its data stays. */
  async halt(): Promise<void> {
    await this.#signal('SIGINT')
  }

  /** Ends the server as a power cut does: no warning to sessions, no checkpoint; the next start recovers from the log. */
  async kill(): Promise<void> {
    await this.#signal('SIGKILL')
  }

  /** {@link halt}, then {@link start}. */
  async restart(): Promise<void> {
    await this.halt()
    await this.start()
  }

  /** Ends the server for good and removes its data. */
  async stop(): Promise<void> {
    await this.halt()
    await rm(this.#place.directory, { recursive: true, force: true })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  async #launch(): Promise<SupervisorReport> {
    const { directory, binaries, owner, settings } = this.#place
    const order: SupervisorOrder = {
      directory,
      program: binaries.postgres,
      args: ['-D', join(directory, 'data'), '-p', String(this.#port), ...flags(settings)],
      ...owner,
    }
    const child = fork(supervisor, [JSON.stringify(order)], {
      detached: true,
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    const report = await firstReport(child)
    if (report.kind === 'ended') return report
    this.#running = { supervisor: child, pid: report.pid }
    child.unref()
    child.channel?.unref()
    child.once('exit', () => {
      this.#running = undefined
    })
    return report
  }

  /** A killed server's sessions hold its memory until they notice; and a port that was free may be taken by now. */
  #canTryAgain(log: string): boolean {
    return /pre-existing shared memory block|could not bind|could not create any TCP\/IP sockets/.test(log)
  }

  async #beforeNextAttempt(log: string): Promise<void> {
    if (log.includes('pre-existing shared memory block'))
      await new Promise((resolve) => setTimeout(resolve, 100))
    else this.#port = await freePort()
  }

  async #signal(signal: NodeJS.Signals): Promise<void> {
    const running = this.#running
    if (!running) return
    const exited = once(running.supervisor, 'exit')
    running.supervisor.ref()
    process.kill(running.pid, signal)
    await exited
  }
}

function flags(settings: Readonly<Record<string, string>>): readonly string[] {
  const all = { listen_addresses: '127.0.0.1', unix_socket_directories: '', ...settings }
  return Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

async function firstReport(child: ChildProcess): Promise<SupervisorReport> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => {
      resolve(message as SupervisorReport)
    })
    child.once('error', reject)
    child.once('exit', () => {
      reject(new Error('the supervisor of PostgreSQL ended without a report'))
    })
  })
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
