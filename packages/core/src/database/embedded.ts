import { existsSync } from 'node:fs'
import { readdir, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { makeDirectory } from '@steptrail/recorder/node'
import { TrailError } from '@steptrail/event'
import { Pool } from 'pg'
import { settingsStatement } from './connection-settings.ts'
import type { ConnectionSettings } from './connection-settings.ts'
import type { Database } from './database.ts'
import { acquireEmbeddedLock } from './embedded-lock.ts'
import { type EmbeddedEngine, startEngineInThread } from './embedded-thread.ts'
import { emptyDatabase } from './empty-database.ts'
import { PoolDatabase } from './pool-database.ts'
import { typeParsers } from './type-parsers.ts'

/** The data directory that is none: the database lives in memory and ends with its handle. */
export const memoryDataDir = 'memory://'

/** Where the embedded database lives. */
export interface EmbeddedOptions extends ConnectionSettings {
  /** A directory, made when missing: the database is in `data` under it, the lock and the spool beside. Or `memory://`. */
  readonly dataDir: string
  /** How it is held by a process that serves it; see `OpenDatabaseOptions`. */
  readonly serving?: { readonly url?: string | undefined } | undefined
  readonly closeTimeoutMs: number
}

/**
 * Opens the embedded database, in this process. Throws `embedded_database_in_use` when a process has it open,
 * `embedded_database_missing` when PGlite is not installed, `database_unreachable` when it cannot be opened.
 */
export async function openEmbedded(options: EmbeddedOptions): Promise<Database> {
  const pglite = await importPglite()
  if (options.dataDir === memoryDataDir) return start(pglite, memoryDataDir, options)
  const directory = resolve(options.dataDir)
  await makeDataDirectory(directory)
  const url = options.serving?.url
  const lock = await acquireEmbeddedLock(directory, {
    program: options.program ?? 'steptrail',
    ...(url !== undefined && { url }),
  })
  try {
    const onClose = (): Promise<void> => lock.release()
    return await start(pglite, join(directory, 'data'), { ...options, directory, onClose })
  } catch (error) {
    await lock.release()
    throw error
  }
}

type Pglite = Awaited<ReturnType<typeof importPglite>>

async function importPglite() {
  try {
    const [{ PGlite }, { createPgConfig }] = await Promise.all([
      import('@electric-sql/pglite'),
      import('@electric-sql/pglite/node-postgres'),
    ])
    return { PGlite, createPgConfig }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) throw error
    throw new TrailError(
      'embedded_database_missing',
      'the embedded database needs a package that is not installed: run `npm install @electric-sql/pglite`, or give the URL of a PostgreSQL server',
      { cause: error },
    )
  }
}

async function makeDataDirectory(directory: string): Promise<void> {
  try {
    await makeDirectory(directory)
  } catch (error) {
    throw cannotOpen(directory, error)
  }
}

interface StartOptions extends ConnectionSettings {
  readonly serving?: object | undefined
  readonly closeTimeoutMs: number
  /** Absent for one in memory. */
  readonly directory?: string
  readonly onClose?: () => Promise<void>
}

/** PGlite has one session, whatever client speaks to it: it is set up once, and its pool has one client that stays. */
async function start(pglite: Pglite, location: string, options: StartOptions): Promise<Database> {
  let engine: EmbeddedEngine
  try {
    const creation = await beginCreation(location)
    const loadDataDir = creation ? await emptyDatabase() : undefined
    engine = options.serving
      ? startEngineInThread({ location, loadDataDir }, options.closeTimeoutMs)
      : new pglite.PGlite(location, { ...(loadDataDir && { loadDataDir }) })
    await engine.waitReady
    await creation?.end()
    const { text, values } = settingsStatement(options)
    await engine.query(text, values)
  } catch (error) {
    throw cannotOpen(location, error)
  }
  // It asks no more of its engine than a thread has.
  const { connection } = pglite.createPgConfig(engine as InstanceType<Pglite['PGlite']>)
  const config = { connection, max: 1, idleTimeoutMillis: 0, types: typeParsers }
  return new PoolDatabase({
    kind: 'embedded',
    schema: options.schema,
    name:
      location === memoryDataDir ? 'an embedded database in memory' : `the embedded database in ${location}`,
    dataDir: options.directory,
    pool: new Pool(config),
    closeTimeoutMs: options.closeTimeoutMs,
    onClose: async () => {
      await engine.close()
      await options.onClose?.()
    },
  })
}

/**
 * Null where there is a database already. What a process left that was ended while it made one is thrown away: nobody
 * had used that yet. A mark beside the data, from before the first file of it until it can be used, tells.
 */
async function beginCreation(location: string): Promise<{ end(): Promise<void> } | null> {
  if (location === memoryDataDir) return { end: async () => undefined }
  const mark = `${location}.unfinished`
  if (existsSync(mark)) await rm(location, { recursive: true, force: true })
  else if (existsSync(join(location, 'PG_VERSION'))) return null
  else if (existsSync(location) && (await readdir(location)).length > 0)
    throw new Error('what is there is no database')
  await writeFile(mark, '')
  return { end: () => rm(mark) }
}

const cannotOpen = (location: string, error: unknown): TrailError =>
  new TrailError(
    'database_unreachable',
    `cannot open the embedded database in ${location} (${error instanceof Error ? error.message : String(error)}): ` +
      'check that the directory is ours and may be written to',
    { details: { database: location }, cause: error },
  )
