import type { Database, Trail } from '@steptrail/core'
import type { RedactionPolicy } from '@steptrail/event'
import type { SealerOptions } from '@steptrail/log'
import type { OperatorOrder } from '@steptrail/saga'
import type { OidcOptions } from './access/oidc.ts'
import type { Principal } from './access/principal.ts'
import type { RunningIngester, RunningRetention } from './operation/roles.ts'
import type { ServerSettings } from './services.ts'

/** How a server behaves. */
export interface ServerOptions {
  /** What it serves. Whoever opened it closes it, after the server. */
  readonly trail: Trail
  /**
   * A replica of its database, where lists, exports and reports are read. Whoever opened it closes it, after the
   * server. Default: none.
   */
  readonly replica?: Database | undefined
  /** What is taken out of events before they go on record. Default: the built-in list. */
  readonly redaction?: RedactionPolicy | undefined
  /** Bytes of a request's body, 16 MiB unless given. */
  readonly bodyBytes?: number | undefined
  /** Events of one request that records, 10,000 unless given. */
  readonly recordedEvents?: number | undefined
  /** Streams of events at a time, 200 unless given; half of them at most are of keys that are bound to one tenant. */
  readonly streams?: number | undefined
  /** Workers over HTTP that wait for work at a time, 2,000 unless given; of one tenant as with `streams`. */
  readonly waits?: number | undefined
  /**
   * How often a stream says that it is there while there is nothing else to say, and it is looked whether who follows or
   * exports still may; 15,000 unless given.
   */
  readonly streamHeartbeatMs?: number | undefined
  /** Orders of an operator that need a second person. Default: none. */
  readonly secondPersonFor?: readonly OperatorOrder['action'][] | undefined
  /**
   * Whether it answers the API and serves the pages. `false`: only what tells how the process is (`/healthz`, `/readyz`,
   * `/metrics`, limits). Default `true`.
   */
  readonly answersApi?: boolean | undefined
  /** Whether this process may hold the clock of the runtime. Default `true`. */
  readonly holdsClock?: boolean | undefined
  /** With what this process seals events, and signs. Default: it does not; another process is to. */
  readonly sealing?: Omit<SealerOptions, 'onTrouble'> | undefined
  /** What takes events from a stream in this process. Whoever made it closes it. Default: nothing does. */
  readonly ingester?: RunningIngester | undefined
  /** What runs retention in this process, beside the server, which tells of it. Whoever made it closes it. Default: nothing does. */
  readonly retention?: RunningRetention | undefined
  /** Whose tokens are taken beside keys. Default: nobody's. */
  readonly oidc?: OidcOptions | undefined
  /** Requests of one caller: 500 a second and twice as many at once, unless given. */
  readonly rateLimit?: { readonly perSecond?: number; readonly burst?: number } | undefined
  /** A secret that stands for a principal, for programs of this machine. Default: none. */
  readonly local?: { readonly secret: string; readonly principal: Principal } | undefined
  /** Puts on record who reads events, inputs and outputs. Default `false`. */
  readonly recordsReading?: boolean | undefined
  /** Origins whose pages may ask the server. Default: none. */
  readonly corsOrigins?: readonly string[] | undefined
  /** Told of troubles that the server survives. Default: a line on standard error. */
  readonly onTrouble?: ((message: string, cause: unknown) => void) | undefined
}

/** The settings with their defaults. */
export const serverSettings = (options: ServerOptions): ServerSettings => ({
  bodyBytes: options.bodyBytes ?? 16 * 1024 * 1024,
  recordedEvents: options.recordedEvents ?? 10_000,
  streams: options.streams ?? 200,
  waits: options.waits ?? 2_000,
  corsOrigins: options.corsOrigins ?? [],
  recordsReading: options.recordsReading ?? false,
  streamHeartbeatMs: options.streamHeartbeatMs ?? 15_000,
})
