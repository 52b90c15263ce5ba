import { TrailError } from '@steptrail/event'
import { Pool } from 'pg'
import { connectionError } from './connection-error.ts'
import { settingsStatement } from './connection-settings.ts'
import type { ConnectionSettings } from './connection-settings.ts'
import type { Database } from './database.ts'
import { parseDatabaseUrl } from './database-url.ts'
import { PoolDatabase } from './pool-database.ts'
import { typeParsers } from './type-parsers.ts'

const oldestVersion = 150_000
const connectTimeoutMs = 10_000

/** How to connect to a server. */
export interface PostgresOptions extends ConnectionSettings {
  readonly url: string
  readonly maxConnections: number
}

/**
 * Connects to a PostgreSQL server once, to know that it can be used. Throws `invalid_database_url`,
 * `database_unreachable` or `database_unsupported`.
 */
export async function openPostgres(options: PostgresOptions): Promise<Database> {
  const { connectionString, name } = parseDatabaseUrl(options.url)
  const pool = new Pool({
    connectionString,
    max: options.maxConnections,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    types: typeParsers,
    verify: (client, done) => {
      const { text, values } = settingsStatement(options)
      client.query(text, values, (error: Error | undefined) => done(error))
    },
  })
  const database = new PoolDatabase({ kind: 'postgres', schema: options.schema, name, pool })
  try {
    await requireVersion(database)
    return database
  } catch (error) {
    await database.close()
    throw error instanceof TrailError ? error : connectionError(error, name)
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
