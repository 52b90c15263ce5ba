import { migrate, openDatabase } from '@steptrail/core'
import { type PostgresServer, startPostgres } from '@steptrail/testkit'
import pg from 'pg'

/**
 * A PostgreSQL server as a careful administrator has it: every commit is on disk before it is acknowledged
 * (`fsync`, `full_page_writes` and `synchronous_commit` on).
 */
export async function startServer(sharedBuffers = '256MB'): Promise<PostgresServer> {
  return await startPostgres({
    settings: {
      fsync: 'on',
      full_page_writes: 'on',
      synchronous_commit: 'on',
      shared_buffers: sharedBuffers,
      max_wal_size: '4GB',
      timezone: 'UTC',
    },
  })
}

/** The URL of a new, empty database. */
export async function createDatabase(server: PostgresServer, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: server.url() })
  await client.connect()
  try {
    await client.query(`create database ${client.escapeIdentifier(name)}`)
  } finally {
    await client.end()
  }
  return server.url(name)
}

/** The URL of a new database with our tables. */
export async function createMigrated(server: PostgresServer, name: string): Promise<string> {
  const url = await createDatabase(server, name)
  await using database = await openDatabase({ url })
  await migrate(database)
  return url
}
