import type { Discovery } from '@steptrail/catalog'
import type { Database } from '@steptrail/core'
import type { Sealer } from '@steptrail/log'
import type { EventInput, RedactionPolicy } from '@steptrail/event'
import type { RecorderCounts } from '@steptrail/recorder'
import type { Saga } from '@steptrail/saga'
import type { ExecutionMetrics } from './metrics/execution-metrics.ts'
import type { LogMetrics } from './metrics/log-metrics.ts'
import type { RoleMetrics } from './metrics/role-metrics.ts'
import type { Metrics } from './metrics/metrics.ts'
import type { RoleRights } from './operation/role-rights.ts'
import type { RunningIngester, RunningRetention, ServerRole } from './operation/roles.ts'
import type { Replica } from './replica.ts'
import type { ServerOptions } from './server-options.ts'
import type { Unfinished } from './unfinished.ts'
import type { Access } from './access/access.ts'
import type { Denials } from './access/denials.ts'

/** What endpoints work with. */
export interface Services {
  readonly database: Database
  /** Where what may lag is read; null where that is the database, too. */
  readonly replica: Replica | null
  readonly saga: Saga
  readonly access: Access
  readonly denials: Denials
  readonly redaction: RedactionPolicy
  readonly settings: ServerSettings
  /** The version of the server. */
  readonly version: string
  /** Aborts when the server begins to shut down. */
  readonly closing: AbortSignal
  /** What is to be on record before the server is closed. */
  readonly unfinished: Unfinished
  readonly recorder: RecorderInfo
  /** What seals in this process; null where another one is to. */
  readonly sealer: Sealer | null
  /** What this process does. */
  readonly roles: readonly ServerRole[]
  /** Whether its login may do that. */
  readonly rights: RoleRights
  /** What takes events from a stream in this process; null where nothing does. */
  readonly ingester: RunningIngester | null
  /** What runs retention in this process; null where another one is to. */
  readonly retention: RunningRetention | null
  /** With what it seals. */
  readonly sealing: ServerOptions['sealing']
  /** The catalogue, by steps that leave events. */
  readonly discovery: Discovery
  readonly metrics: Metrics
  readonly executionMetrics: ExecutionMetrics
  readonly logMetrics: LogMetrics
  readonly roleMetrics: RoleMetrics
  /** Told of troubles that the server survives. */
  readonly onTrouble: (message: string, cause: unknown) => void
}

/** What the server tells of the recorder in its process. */
export interface RecorderInfo {
  /** Records in the background. */
  readonly record: (event: EventInput) => void
  readonly id: string
  /** What became of what it was given, since it began. */
  readonly counts: () => RecorderCounts
  /** Rejects when it does not record. */
  readonly check: () => Promise<void>
  /** Why what it has recorded waits; null when it does not. */
  readonly trouble: () => unknown
}

/** What the server takes at most, and how it behaves. */
export interface ServerSettings {
  /** Bytes of a request's body. */
  readonly bodyBytes: number
  /** Events of one request that records. */
  readonly recordedEvents: number
  /** Streams of events at a time. */
  readonly streams: number
  /** Workers over HTTP that wait for work at a time. */
  readonly waits: number
  /** Origins whose pages may ask the server. */
  readonly corsOrigins: readonly string[]
  /** Whether it is on record who reads events, inputs and outputs. */
  readonly recordsReading: boolean
  /** How often a stream says that it is there, and it is looked whether who follows or exports still may. */
  readonly streamHeartbeatMs: number
}
