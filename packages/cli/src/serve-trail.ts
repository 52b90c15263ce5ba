import { checkSchema, createTrail, type Database, migrate, openDoor, type Trail } from '@steptrail/core'
import { createServer, defaultHost, defaultPort, type Listening, type ListenOptions } from '@steptrail/server'
import { writeJson, writeLines } from './command-scope.ts'
import { type LogFlags, sealingWith } from './log/log-settings.ts'
import { openReplica } from './open-replica.ts'
import { withProgress } from './progress.ts'
import { startDailyRetention } from './retention-settings.ts'
import { serverSettings } from './server-settings.ts'
import type { Surroundings } from './surroundings.ts'

/** How what is recorded is sealed meanwhile. */
export interface SealingFlags extends LogFlags {
  /** False: another process is to seal. */
  readonly seal?: boolean
}

/** The flag, as a help text shows it. */
export const noSealOption = ['--no-seal', 'leave sealing the log to another process'] as const

/** What is served, where, and how it is told of. */
export interface ServingOptions {
  readonly database: Database
  readonly where: ListenOptions
  readonly surroundings: Surroundings
  readonly asJson: boolean
  readonly sealingFlags: SealingFlags
  /** Goes on while the trail is served, and is closed before it. Default: nothing does. */
  readonly beside?: (trail: Trail) => Promise<AsyncDisposable>
}

/** Serves the trail over HTTP until it is interrupted. */
export async function serveTrail(options: ServingOptions): Promise<void> {
  const { database, where, surroundings, beside, sealingFlags } = options
  const served = serverSettings(surroundings.env)
  const sealing = sealingFlags.seal === false ? undefined : await sealingWith(sealingFlags, surroundings)
  await prepare(database, surroundings)
  await using _door = await doorTo(database)
  await using replica = await openReplica(database, surroundings.env)
  await using trail = createTrail(database)
  await using server = await createServer({ trail, replica, ...served, sealing })
  const listening = await server.listen(where)
  await using _beside = await beside?.(trail)
  await using _retention = startDailyRetention(database, surroundings)
  tell(listening, options)
  await interrupted(surroundings.signal)
}

/** Where it will be, as far as that is known before. */
export const servingAt = ({
  host = defaultHost,
  port = defaultPort,
}: ListenOptions): { readonly url?: string } =>
  port === 0 ? {} : { url: `http://${host.includes(':') ? `[${host}]` : host}:${port}` }

/** By it the other commands reach the embedded database while this one holds it. */
async function doorTo(database: Database): Promise<AsyncDisposable> {
  const { dataDir } = database
  if (dataDir !== null) return await openDoor(database, dataDir)
  return { [Symbol.asyncDispose]: () => Promise.resolve() }
}

/** The embedded database belongs to this process, which brings it up to date; a server is an administrator's affair. */
async function prepare(database: Database, surroundings: Surroundings): Promise<void> {
  if (database.kind === 'postgres') return await checkSchema(database)
  await withProgress('Migrating', surroundings, () => migrate(database))
}

function tell({ url }: Listening, { database: { name }, surroundings, asJson }: ServingOptions): void {
  if (asJson) return writeJson(surroundings, { url, database: name, pid: process.pid })
  writeLines(surroundings, [`Steptrail serves ${name} at ${url}`, `Its API is described at ${url}/docs`])
}

function interrupted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
