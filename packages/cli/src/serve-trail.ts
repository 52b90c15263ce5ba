import {
  checkSchema,
  createTrail,
  type Database,
  migrate,
  openDoor,
  readRights,
  type Trail,
} from '@steptrail/core'
import type { Ingester, IngesterOptions } from '@steptrail/nats'
import {
  createServer,
  defaultHost,
  defaultPort,
  lacksFor,
  type Listening,
  type ListenOptions,
} from '@steptrail/server'
import { ClosingInTime } from './closing-in-time.ts'
import { writeJson, writeLines } from './command-scope.ts'
import { type LogFlags, sealingWith } from './log/log-settings.ts'
import { openReplica } from './open-replica.ts'
import { withProgress } from './progress.ts'
import { type RoleFlags, roleSettings, type StreamSettings } from './role-settings.ts'
import { startDailyRetention } from './retention-settings.ts'
import { serverSettings } from './server-settings.ts'
import { spooling } from './spool/spool-directory.ts'
import type { Surroundings } from './surroundings.ts'

/** What is served, where, and how it is told of. */
export interface ServingOptions {
  readonly database: Database
  readonly where: ListenOptions
  readonly surroundings: Surroundings
  readonly asJson: boolean
  readonly logFlags: LogFlags
  /** What the process does. Default: what the variables say. */
  readonly roleFlags?: RoleFlags
  /** Goes on while the trail is served, and is closed before it. Default: nothing does. */
  readonly beside?: (trail: Trail) => Promise<AsyncDisposable>
}

/** Serves the trail over HTTP until it is interrupted. */
export async function serveTrail(options: ServingOptions): Promise<void> {
  const { database, where, surroundings, beside, logFlags, roleFlags = {} } = options
  const { roles, stream } = roleSettings(roleFlags, surroundings.env)
  const served = serverSettings(surroundings.env)
  const sealing = roles.has('seal') ? await sealingWith(logFlags, surroundings) : undefined
  using closing = new ClosingInTime(database, surroundings.signal)
  await prepare(database, surroundings)
  for (const { problem } of lacksFor(roles, await readRights(database.query)))
    surroundings.stderr.write(`steptrail: ${problem}\n`)
  await using _door = await doorTo(database)
  await using replica = await openReplica(database, surroundings.env)
  if (replica) closing.add(replica)
  await using trail = createTrail(database, spooling(surroundings.env))
  const { redaction } = served
  await using ingester = stream && (await ingestFrom(database, stream, { ...surroundings, redaction }))
  await using retention = roles.has('retain') ? startDailyRetention(database, surroundings) : undefined
  await using server = await createServer({
    trail,
    replica,
    ...served,
    sealing,
    ingester,
    answersApi: roles.has('api'),
    holdsClock: roles.has('clock'),
    retention,
  })
  const listening = await server.listen(where)
  await using _beside = await beside?.(trail)
  closing.started()
  tell(listening, options)
  await interrupted(surroundings.signal)
  await Promise.all([server.close(), ingester?.close(), retention?.close()])
}

/** Takes events from the stream; what does not work is told of on standard error when it begins. */
async function ingestFrom(
  database: Database,
  stream: StreamSettings,
  { stderr, env, redaction }: Pick<Surroundings, 'stderr' | 'env'> & Pick<IngesterOptions, 'redaction'>,
): Promise<Ingester> {
  // Only who takes from a stream waits for what that needs.
  const nats = await import('@steptrail/nats')
  return new nats.Ingester(database, {
    ...stream,
    connection: nats.natsConnectionFromEnv(env),
    redaction,
    onTrouble: (message, cause) => {
      stderr.write(`steptrail: ${message}: ${cause instanceof Error ? cause.message : String(cause)}\n`)
    },
  })
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
