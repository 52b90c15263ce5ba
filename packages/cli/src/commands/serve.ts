import { checkSchema, createTrail, type Database, migrate, openDoor } from '@steptrail/core'
import { createServer, defaultHost, defaultPort, type Listening, type ListenOptions } from '@steptrail/server'
import type { Command } from 'commander'
import { type CommonFlags, withCommonOptions, withDatabase, writeJson, writeLines } from '../command-scope.ts'
import { wholeNumber } from '../option-values.ts'
import { withProgress } from '../progress.ts'
import { listenSettings, serverSettings } from '../server-settings.ts'
import type { Surroundings } from '../surroundings.ts'

interface Flags extends CommonFlags {
  readonly host?: string
  readonly port?: number
}

/** `steptrail serve`: the API, its documentation and the runtime in one process, until it is interrupted. */
export function addServe(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('serve')
    .description(
      'Serve the trail over HTTP, until interrupted. Without --database, on the embedded database.',
    )
    .option('--host <address>', `where to listen (default: $STEPTRAIL_HOST, else ${defaultHost})`)
    .option(
      '--port <number>',
      `its port; 0 for any (default: $STEPTRAIL_PORT, else ${defaultPort})`,
      wholeNumber,
    )
  withCommonOptions(command, [
    ['serve', `on the embedded database in ./.steptrail, at http://${defaultHost}:${defaultPort}`],
    [
      'serve --database postgres://me@db.example/app --port 8080',
      'on a PostgreSQL server, which is migrated already',
    ],
  ]).action(async (flags: Flags) => {
    const where = listenSettings(flags, surroundings.env)
    const served = serverSettings(surroundings.env)
    await withDatabase({ ...flags, serving: servingAt(where) }, surroundings, async (database) => {
      await prepare(database, surroundings)
      await using _door = await doorTo(database)
      await using trail = createTrail(database)
      await using server = await createServer({ trail, ...served })
      const listening = await server.listen(where)
      tell(listening, database, { flags, surroundings })
      await interrupted(surroundings.signal)
    })
  })
}

/** Where it will be, as far as that is known before. */
const servingAt = ({ host = defaultHost, port = defaultPort }: ListenOptions): { readonly url?: string } =>
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

interface Telling {
  readonly flags: Flags
  readonly surroundings: Surroundings
}

function tell({ url }: Listening, { name }: Database, { flags, surroundings }: Telling): void {
  if (flags.json) return writeJson(surroundings, { url, database: name, pid: process.pid })
  writeLines(surroundings, [`Steptrail serves ${name} at ${url}`, `Its API is described at ${url}/docs`])
}

function interrupted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
