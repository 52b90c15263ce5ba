import { randomBytes } from 'node:crypto'
import { migrate, openDatabase } from '@steptrail/core'
import pg from 'pg'
import { inject } from 'vitest'
import { askAtDoor } from './postgres/ask-at-door.ts'
import { lookAtPristine, makePristine, type Pristine } from './pristine-database.ts'

/** A database on the run's server, and what to call when the test has ended: it ends every session that is left. */
export interface BorrowedDatabase {
  readonly url: string
  readonly giveBack: () => Promise<void>
}

/**
 * The migrated databases of this process that no test has at present: to empty one takes a fraction of what it takes to
 * make one. The run's end removes them.
 */
const idle: MigratedDatabase[] = []

interface MigratedDatabase {
  readonly name: string
  readonly pristine: Pristine
}

/** A migrated database with nothing in it. */
export async function borrowMigrated(): Promise<BorrowedDatabase> {
  const database = idle.pop() ?? (await createMigrated())
  return { url: await databaseUrl(database.name), giveBack: async () => giveBack(database) }
}

/** A new database that is not migrated. */
export async function borrowNew(): Promise<BorrowedDatabase> {
  const name = await createFrom('template1')
  return { url: await databaseUrl(name), giveBack: async () => drop(name) }
}

async function createMigrated(): Promise<MigratedDatabase> {
  const name = await createFrom(await migratedTemplate())
  return { name, pristine: await inDatabase(name, async (client) => lookAtPristine(client, 'postgres')) }
}

async function giveBack({ name, pristine }: MigratedDatabase): Promise<void> {
  const again = await inDatabase(name, async (client) => makePristine(client, pristine))
  if (again === undefined) await drop(name)
  else idle.push({ name, pristine: again })
}

async function createFrom(template: string): Promise<string> {
  const name = `${inject('databasePrefix')}${randomBytes(6).toString('hex')}`
  await onServer(`create database ${name} template ${template}`)
  return name
}

async function drop(name: string): Promise<void> {
  await onServer(`drop database if exists ${name} with (force)`)
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

async function inDatabase<T>(name: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  return withClient(await databaseUrl(name), work)
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
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
