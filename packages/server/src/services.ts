import type { Database } from '@steptrail/core'
import type { RedactionPolicy } from '@steptrail/event'
import type { Access } from './access/access.ts'

/** What endpoints work with. */
export interface Services {
  readonly database: Database
  readonly access: Access
  readonly redaction: RedactionPolicy
  readonly settings: ServerSettings
  /** The version of the server. */
  readonly version: string
  /** Aborts when the server begins to shut down. */
  readonly closing: AbortSignal
  readonly recorder: RecorderInfo
  /** Told of troubles that the server survives. */
  readonly onTrouble: (message: string, cause: unknown) => void
}

/** What the server tells of the recorder in its process. */
export interface RecorderInfo {
  /** Rejects when it does not record. */
  readonly check: () => Promise<void>
}

/** What the server takes at most, and how it behaves. */
export interface ServerSettings {
  /** Bytes of a request's body. */
  readonly bodyBytes: number
  /** Events of one request that records. */
  readonly recordedEvents: number
}
