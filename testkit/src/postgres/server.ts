import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { copyData, install, superuser, type Installation } from './installation.ts'
import { signalAll } from '../supervision/signal-all.ts'
import type { SupervisorOrder } from '../supervision/supervise.ts'
import {
  type FailedServer,
  freePort,
  supervised,
  type SupervisedServer,
} from '../supervision/supervised-server.ts'

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
  #running: SupervisedServer | undefined

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
    if (this.#running?.isRunning() === true) return
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.#launch()
      if (!('log' in outcome)) {
        this.#running = outcome
        return
      }
      if (attempt === maximumAttempts || !this.#canTryAgain(outcome.log)) {
        throw new Error(`PostgreSQL did not start: ${outcome.log}`)
      }
      await this.#beforeNextAttempt(outcome.log)
    }
  }

  /** Shuts the server down as an administrator does (fast: sessions are ended, all is written); its data stays. */
  async halt(): Promise<void> {
    await this.#running?.end('SIGINT')
  }

  /** Ends the server as a power cut does: no warning to sessions, no checkpoint; the next start recovers from the log. */
  async kill(): Promise<void> {
    await this.#running?.end('SIGKILL')
  }

  /**
   * Stops all of it without a word to anybody, until {@link resume}: connections stay, and nothing answers.
   *
   * @throws Error where there is no /proc, which tells what belongs to it: on anything but Linux.
   */
  async suspend(): Promise<void> {
    if (this.#running?.isRunning() === true) await signalAll(this.#running.pid, 'SIGSTOP')
  }

  /** Lets it go on after {@link suspend}. */
  async resume(): Promise<void> {
    if (this.#running?.isRunning() === true) await signalAll(this.#running.pid, 'SIGCONT')
  }

  /** {@link halt}, then {@link start}. */
  async restart(): Promise<void> {
    await this.halt()
    await this.start()
  }

  /**
   * Starts a second server that replays what this one writes, and can be read meanwhile. It begins as a copy of the data,
   * for which this server is shut down for a moment.
   */
  async startStandby(): Promise<PostgresServer> {
    const { directory, owner, settings, password } = this.#place
    const copy = await mkdtemp(join(tmpdir(), 'steptrail-postgres-'))
    await this.halt()
    await copyData({ from: directory, to: copy, owner })
    await writeFile(join(copy, 'data', 'standby.signal'), '')
    await this.start()
    const primary = `host=127.0.0.1 port=${this.#port} user=${superuser} password=${password}`
    const standby = new PostgresServer({
      ...this.#place,
      directory: copy,
      port: await freePort(),
      settings: { ...settings, primary_conninfo: primary },
    })
    await standby.start()
    return standby
  }

  /** Ends the server for good and removes its data. */
  async stop(): Promise<void> {
    await this.halt()
    await rm(this.#place.directory, { recursive: true, force: true })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  #launch(): Promise<SupervisedServer | FailedServer> {
    const { directory, binaries, owner, settings } = this.#place
    const order: SupervisorOrder = {
      directory,
      program: binaries.postgres,
      args: ['-D', join(directory, 'data'), '-p', String(this.#port), ...flags(settings)],
      readyWhen: 'database system is ready to accept (read-only )?connections',
      stopSignal: 'SIGQUIT',
      ...owner,
    }
    return supervised(order)
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
}

function flags(settings: Readonly<Record<string, string>>): readonly string[] {
  const all = { listen_addresses: '127.0.0.1', unix_socket_directories: '', ...settings }
  return Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}
