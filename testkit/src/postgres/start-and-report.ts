import pg from 'pg'
import { startPostgres } from './server.ts'

/** A program for a test: starts a server, tells its parent where it is, and waits to be killed. */
process.on('disconnect', () => process.exit())
const server = await startPostgres()
const client = new pg.Client({ connectionString: server.url() })
await client.connect()
const { rows } = await client.query<{ directory: string }>(
  `select current_setting('data_directory') as directory`,
)
await client.end()
process.send?.({ url: server.url(), directory: rows[0]?.directory })
