import { mkdtemp, rm } from 'node:fs/promises'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { startPostgres, type PostgresServer } from './server.ts'

/** What the door of the shared server answers, as JSON, to whoever connects. */
export type SharedServerAnswer = { readonly url: string } | { readonly error: string }

/**
 * The one PostgreSQL server of a test run. It starts when the first test asks for it, so that a run of pure tests does
 * not pay for it. Test processes ask at {@link door}, a socket which only the user who runs the tests can open.
 */
export class SharedServer {
  readonly #externalUrl: string | undefined
  readonly #prefix: string
  readonly #door: Server
  readonly #directory: string
  #own: PostgresServer | undefined
  #url: Promise<string> | undefined

  private constructor(directory: string, prefix: string, externalUrl: string | undefined) {
    this.#directory = directory
    this.#prefix = prefix
    this.#externalUrl = externalUrl
    this.#door = createServer((socket) => {
      socket.on('error', () => socket.destroy())
      void this.#answer().then((answer) => socket.end(JSON.stringify(answer)))
    })
  }

  /**
   * Opens the door.
   *
   * @param prefix begins the name of each database that this run creates
   * @param externalUrl a server to use instead of starting one
   */
  static async open(prefix: string, externalUrl?: string): Promise<SharedServer> {
    const directory = await mkdtemp(join(tmpdir(), 'steptrail-door-'))
    const shared = new SharedServer(directory, prefix, externalUrl)
    shared.#door.listen(shared.door)
    await once(shared.#door, 'listening')
    return shared
  }

  /** The path of the socket (on Windows the name of the pipe). */
  get door(): string {
    const path = join(this.#directory, 'door')
    return process.platform === 'win32' ? `\\\\.\\pipe\\${path}` : path
  }

  /** Ends the server, or removes this run's databases from the external one. */
  async close(): Promise<void> {
    this.#door.close()
    await this.#own?.stop()
    if (this.#externalUrl !== undefined && this.#url) await dropDatabases(this.#externalUrl, this.#prefix)
    await rm(this.#directory, { recursive: true, force: true })
  }

  async #answer(): Promise<SharedServerAnswer> {
    this.#url ??= this.#begin()
    return this.#url.then(
      (url) => ({ url }),
      (error: unknown) => ({ error: error instanceof Error ? error.message : String(error) }),
    )
  }

  async #begin(): Promise<string> {
    if (this.#externalUrl !== undefined) return this.#externalUrl
    this.#own = await startPostgres()
    return this.#own.url()
  }
}

async function dropDatabases(url: string, prefix: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const found = await client.query<{ datname: string }>(
      'select datname from pg_database where starts_with(datname, $1)',
      [prefix],
    )
    for (const { datname } of found.rows) {
      await client.query(`drop database if exists ${client.escapeIdentifier(datname)} with (force)`)
    }
  } finally {
    await client.end()
  }
}
