import { once } from 'node:events'
import { Socket } from 'node:net'
import { TrailError } from '@steptrail/event'
import { Pool } from 'pg'
import { connectionError, isAway } from './connection-error.ts'
import { settingsStatement } from './connection-settings.ts'
import type { ConnectionSettings, SessionState } from './connection-settings.ts'
import type { Database } from './database.ts'
import { parseDatabaseUrl } from './database-url.ts'
import { PoolDatabase } from './pool-database.ts'
import { typeParsers } from './type-parsers.ts'

const oldestVersion = 150_000
const connectTimeoutMs = 10_000
/** How long a connection is silent before its other end is asked whether it is there: a machine that is gone says nothing. */
const keepAliveAfterMs = 10_000

/** How to connect to a server. */
export interface PostgresOptions extends ConnectionSettings {
  readonly url: string
  readonly maxConnections: number
  readonly closeTimeoutMs: number
  readonly mayBeAway: boolean
}

/**
 * Connects to a PostgreSQL server once, to know that it can be used. Throws `invalid_database_url`,
 * `database_unsupported`, or, unless it may be away, `database_unreachable`.
 */
export async function openPostgres(options: PostgresOptions): Promise<Database> {
  const { connectionString, name } = parseDatabaseUrl(options.url)
  const sockets = new OpenSockets()
  const pool = new Pool({
    connectionString,
    stream: () => sockets.open(),
    max: options.maxConnections,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveAfterMs,
    types: typeParsers,
    verify: (client, done) => {
      const { text, values } = settingsStatement(options)
      client.query<SessionState>(text, values, (error: Error | undefined, answer) =>
        done(error ?? deafToTriggers(answer?.rows[0], name)),
      )
    },
  })
  const { schema, closeTimeoutMs } = options
  const sever = (): Promise<unknown> => sockets.sever()
  const abandon = (): void => sockets.abandon()
  const database = new PoolDatabase({ kind: 'postgres', schema, name, pool, closeTimeoutMs, abandon, sever })
  try {
    await requireVersion(database)
    return database
  } catch (error) {
    const known = error instanceof TrailError ? error : connectionError(error, name)
    if (options.mayBeAway && isAway(known)) return database
    await database.close()
    throw known
  }
}

/** What a session writes for which triggers do not run has no audit of results, and nobody would notice before a verification. */
function deafToTriggers(session: SessionState | undefined, name: string): TrailError | undefined {
  if (session?.replication_role !== 'replica') return undefined
  return new TrailError(
    'database_unsupported',
    `session_replication_role is replica for this login of ${name}, so triggers do not run, and results would have no ` +
      'audit: `alter role … reset session_replication_role`, and the same for the database if it is set there',
    { details: { database: name, setting: 'session_replication_role' } },
  )
}

/** The sockets of a pool, which gives those who hold a connection no way to lose it. */
class OpenSockets {
  readonly #open = new Set<Socket>()

  open(): Socket {
    const socket = new Socket()
    this.#open.add(socket)
    socket.once('close', () => this.#open.delete(socket))
    return socket
  }

  /** Gives up those to which the server has said nothing yet: nobody waits any more for what they were opened for. */
  abandon(): void {
    for (const socket of this.#open) if (socket.bytesRead === 0) socket.destroy()
  }

  /** Resolves when all of them are closed: each statement under way fails, as it does when a server dies. */
  async sever(): Promise<unknown> {
    return Promise.all([...this.#open].map((socket) => once(socket.destroy(), 'close')))
  }
}

async function requireVersion(database: Database): Promise<void> {
  const { rows } = await database.query<{ number: string; text: string }>(
    `select current_setting('server_version_num') as number, current_setting('server_version') as text`,
  )
  const [version] = rows
  if (version && Number(version.number) >= oldestVersion) return
  throw new TrailError(
    'database_unsupported',
    `${database.name} runs PostgreSQL ${version?.text}: Steptrail needs 15 or later`,
    { details: { database: database.name, version: version?.text } },
  )
}
