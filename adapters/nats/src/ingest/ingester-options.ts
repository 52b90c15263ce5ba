import type { EventCatalogue, RedactionPolicy } from '@steptrail/event'
import type { StreamOptions } from '../stream/ensure-stream.ts'
import type { NatsOptions } from '../stream/nats-options.ts'

/** How an ingester takes events from a stream into a database. */
export interface IngesterOptions extends NatsOptions, StreamOptions {
  /** The event types that it knows; what it does not know is on record as unregistered. Default: the built-in ones. */
  readonly catalogue?: EventCatalogue | undefined
  /** What is a secret and must not go on record. Default: the built-in list. */
  readonly redaction?: RedactionPolicy | undefined
  /** The most events in one write. Default 4,000. */
  readonly batchEvents?: number | undefined
  /** How long the first event of a write waits for others, in milliseconds. Default 20. */
  readonly batchAgeMs?: number | undefined
  /**
   * How many writes are under way at a time, two in line over a connection. Default 2. Where the database has processors
   * to spare, 4 keep two of its sessions busy, as a second ingester does.
   */
  readonly writesInFlight?: number | undefined
  /** How long an ingester may keep a message before another one gets it, in milliseconds. Default 30,000. */
  readonly ackWaitMs?: number | undefined
  /** Told of each trouble when it begins; what failed is tried again until it succeeds. */
  readonly onTrouble?: ((message: string, cause: unknown) => void) | undefined
}

/** What became of the messages that an ingester has settled. */
export interface IngesterCounts {
  /** New on record. */
  readonly created: number
  /** On record already, with the same content. */
  readonly duplicate: number
  /** Dead letters: other content is on record under the id. */
  readonly conflict: number
  /** Dead letters: no event, or one that can be recorded nowhere. */
  readonly rejected: number
}

/** What an ingester is doing. */
export type IngesterState = 'ingesting' | 'in trouble' | 'closed'
