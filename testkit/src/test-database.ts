import { randomBytes } from 'node:crypto'
import { migrate, openDatabase, type Database } from '@steptrail/core'
import pg from 'pg'
import { inject } from 'vitest'
import { askAtDoor } from './postgres/ask-at-door.ts'
import { borrowEmbedded } from './embedded-pool.ts'
import { releaseAfterTest } from './release.ts'

/** The two kinds of database that Steptrail runs on, as `Database.kind` names them. */
export type DatabaseKind = Database['kind']

/** Both kinds, for `describe.each`. */
export const databaseKinds: readonly DatabaseKind[] = ['embedded', 'postgres']

/**
 * A database of the caller's own, migrated and empty: in memory (`embedded`), or on the run's PostgreSQL server. It is
 * taken back when the test ends; opened outside a test, when the test file ends. Nothing may use it then any more.
 */
export async function openTestDatabase(kind: DatabaseKind): Promise<Database> {
  return kind === 'postgres' ? openOnPostgres() : openEmbedded()
}

/** The URL of a new, migrated database on the run's PostgreSQL server, for programs to connect to; removed like the others. */
export async function createMigratedDatabase(): Promise<string> {
  return createDatabase(await migratedTemplate())
}

/** The URL of a new database on the run's PostgreSQL server in which nothing is: what `migrate` meets at first. */
export async function createEmptyDatabase(): Promise<string> {
  return createDatabase('template1')
}

async function openOnPostgres(): Promise<Database> {
  const database = await openDatabase({ url: await createMigratedDatabase() })
  releaseAfterTest(async () => database.close())
  return database
}

async function openEmbedded(): Promise<Database> {
  const { database, giveBack } = await borrowEmbedded()
  releaseAfterTest(giveBack)
  return database
}

async function createDatabase(template: string): Promise<string> {
  const name = `${inject('databasePrefix')}${randomBytes(6).toString('hex')}`
  await onServer(`create database ${name} template ${template}`)
  releaseAfterTest(async () => onServer(`drop database if exists ${name} with (force)`))
  return databaseUrl(name)
}

let template: Promise<string> | undefined

/** Every process asks; the first in the run creates and migrates it while the others wait for the lock. */
async function migratedTemplate(): Promise<string> {
  template ??= createTemplate()
  return template
}

async function createTemplate(): Promise<string> {
  const name = `${inject('databasePrefix')}template`
  await withClient(await serverUrl(), async (client) => {
    await client.query('select pg_advisory_lock(hashtextextended($1, 0))', [name])
    const found = await client.query('select from pg_database where datname = $1', [name])
    if (found.rowCount !== 0) return
    const unfinished = `${name}_unfinished`
    await client.query(`drop database if exists ${unfinished} with (force)`)
    await client.query(`create database ${unfinished}`)
    await migrateDatabase(await databaseUrl(unfinished))
    await client.query(`alter database ${unfinished} rename to ${name}`)
  })
  return name
}

async function migrateDatabase(url: string): Promise<void> {
  await using database = await openDatabase({ url })
  await migrate(database)
}

async function onServer(statement: string): Promise<void> {
  await withClient(await serverUrl(), async (client) => client.query(statement))
}

async function withClient(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}

async function databaseUrl(name: string): Promise<string> {
  const url = new URL(await serverUrl())
  url.pathname = `/${name}`
  return url.href
}

let server: Promise<string> | undefined

/** The URL of the run's server, which starts when the first process asks. */
async function serverUrl(): Promise<string> {
  server ??= askAtDoor(inject('postgresDoor'))
  return server
}
