import { openDatabase, type Database } from '@steptrail/core'
import type { DatabaseKind } from './database-kind.ts'
import { borrowEmbedded } from './embedded-pool.ts'
import { borrowMigrated, borrowNew, type BorrowedDatabase } from './postgres-pool.ts'
import { releaseAfterTest } from './release.ts'

/**
 * A database of the caller's own, migrated and empty: in memory (`embedded`), or on the run's PostgreSQL server. It is
 * taken back when the test ends; opened outside a test, when the test file ends. Nothing may use it then any more.
 */
export async function openTestDatabase(kind: DatabaseKind): Promise<Database> {
  return kind === 'postgres' ? openOnPostgres() : openEmbedded()
}

/** The URL of a migrated database with nothing in it on the run's PostgreSQL server, for programs; taken back likewise. */
export async function createMigratedDatabase(): Promise<string> {
  return borrow(borrowMigrated)
}

/** The URL of a new database on the run's PostgreSQL server in which nothing is: what `migrate` meets at first. */
export async function createEmptyDatabase(): Promise<string> {
  return borrow(borrowNew)
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

async function borrow(from: () => Promise<BorrowedDatabase>): Promise<string> {
  const { url, giveBack } = await from()
  releaseAfterTest(giveBack)
  return url
}
