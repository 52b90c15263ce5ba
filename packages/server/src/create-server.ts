import { readFileSync } from 'node:fs'
import { Discovery } from '@steptrail/catalog'
import type { Trail } from '@steptrail/core'
import { carefully, defaultRedaction, TrailError } from '@steptrail/event'
import { createSaga, type Saga } from '@steptrail/saga'
import type { Access } from './access/access.ts'
import { createAccess } from './access/create-access.ts'
import { Denials } from './access/denials.ts'
import { createTokenVerifier } from './access/oidc.ts'
import { RateLimit } from './access/rate-limit.ts'
import { type App, createApp } from './create-app.ts'
import type { OpenApiDocument } from './documents/openapi.ts'
import { defaultHost, type Listening, type ListenOptions, startListening } from './listen.ts'
import { requireSafeAddress } from './access/loopback.ts'
import { Replica } from './replica.ts'
import { ExecutionMetrics } from './metrics/execution-metrics.ts'
import { LogMetrics } from './metrics/log-metrics.ts'
import { RoleMetrics } from './metrics/role-metrics.ts'
import { Metrics } from './metrics/metrics.ts'
import { RoleRights } from './operation/role-rights.ts'
import { rolesOf } from './operation/roles.ts'
import { type ServerOptions, serverSettings } from './server-options.ts'
import { endpointsOf } from './endpoints-of.ts'
import { reasonOf } from './reason-of.ts'
import { Unfinished } from './unfinished.ts'
import { startSealer } from './log/start-sealer.ts'
import type { RecorderInfo, Services } from './services.ts'

/**
 * The trail over HTTP.
 *
 * `open → closing → closed`: closing, it takes no new requests, ends streams and waits, and lets what has begun end.
 */
export class Server implements AsyncDisposable {
  readonly #app: App
  readonly #services: Services
  readonly #closing: AbortController
  readonly #listening = new Set<Listening>()
  #closed: Promise<void> | undefined

  constructor(app: App, services: Services, closing: AbortController) {
    this.#app = app
    this.#services = services
    this.#closing = closing
  }

  /** How the API describes itself, as OpenAPI. */
  get openApi(): OpenApiDocument {
    return this.#app.document
  }

  /** Answers one request, without a socket. */
  fetch(request: Request): Promise<Response> {
    return Promise.resolve(this.#app.hono.fetch(request))
  }

  /** Begins to listen. Throws `address_refused` beyond loopback without authentication, and `address_unavailable`. */
  async listen(options: ListenOptions = {}): Promise<Listening> {
    await requireSafeAddress(this.#services.access, options.host ?? defaultHost)
    const listening = await startListening(this.#app.hono, options)
    this.#listening.add(listening)
    return listening
  }

  /** Ends what it does in order. A second call waits for the first. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    this.#closing.abort(
      new TrailError('server_busy', 'the server is shutting down: try another, or again soon'),
    )
    await Promise.all([...this.#listening].map((listening) => listening.close()))
    await this.#services.unfinished.ended()
    await this.#services.saga.close()
    await this.#services.sealer?.close()
  }
}

/** Makes a server over a trail. Throws `invalid_configuration` when the replica is one of another database. */
export async function createServer(options: ServerOptions): Promise<Server> {
  const replica = options.replica ? await Replica.open(options.replica, options.trail.database) : null
  const onTrouble = carefully(options.onTrouble ?? reportTrouble)
  const { trail, redaction, holdsClock = true, secondPersonFor = [] } = options
  const saga = await createSaga(trail.database, {
    holdsClock,
    secondPersonFor,
    onTrouble,
    ...(redaction && { redaction }),
  })
  const closing = new AbortController()
  const services = { ...servicesOf({ ...options, onTrouble }, saga, closing.signal), replica }
  return new Server(createApp(services, endpointsOf(services)), services, closing)
}

function servicesOf(options: ServerOptions, saga: Saga, closing: AbortSignal): Omit<Services, 'replica'> {
  const { trail, redaction = defaultRedaction, sealing, onTrouble = reportTrouble } = options
  const roles = rolesOf(options)
  return {
    database: trail.database,
    saga,
    access: accessOf(options),
    denials: new Denials(trail.database),
    metrics: new Metrics(trail.database, trail.recorder),
    executionMetrics: new ExecutionMetrics(trail.database),
    logMetrics: new LogMetrics(trail.database),
    roles,
    rights: new RoleRights(trail.database, roles),
    ingester: options.ingester ?? null,
    retention: options.retention ?? null,
    roleMetrics: new RoleMetrics(roles, options.ingester),
    redaction,
    settings: serverSettings(options),
    version: packageVersion(),
    closing,
    unfinished: new Unfinished(),
    recorder: recorderInfo(trail),
    sealing,
    sealer: startSealer(trail.database, { sealing, onTrouble }),
    discovery: new Discovery({ database: trail.database, recorder: trail.recorder }),
    onTrouble,
  }
}

function accessOf({ trail, oidc, rateLimit, local }: ServerOptions): Access {
  const { perSecond = 500, burst = perSecond * 2 } = rateLimit ?? {}
  return createAccess({
    database: trail.database,
    rateLimit: new RateLimit({ perSecond, burst, now: () => performance.now() }),
    verifyToken: oidc && createTokenVerifier(oidc),
    local,
  })
}

const recorderInfo = (trail: Trail): RecorderInfo => ({
  record: (event) => trail.record(event),
  id: trail.recorder.id,
  counts: () => trail.recorder.counts(),
  trouble: () => trail.recorder.trouble,
  check: () => {
    const { state } = trail.recorder
    if (state === 'running') return Promise.resolve()
    return Promise.reject(new TrailError('recorder_closed', `the recorder of this process is ${state}`))
  },
})

function packageVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { readonly version: string }).version
}

function reportTrouble(message: string, cause: unknown): void {
  process.stderr.write(`steptrail: ${message}: ${reasonOf(cause)}\n`)
}
