import type {
  ActiveSpan,
  Clock,
  EventCatalogue,
  Logger,
  RedactionPolicy,
  UuidGenerator,
} from '@steptrail/event'
import type { Sink } from './sink.ts'
import type { Spool } from './spool.ts'
import type { Timers } from './timers.ts'

/**
 * What becomes of events that find the queue full. `spool`: they go to the spool. `block`: `recordDurably` and
 * `operation` wait for room, and `record`, which never waits, drops the event unless its caller has awaited `room()`.
 * `drop-newest`: they are dropped. What is dropped is counted.
 */
export const overflowPolicies = ['spool', 'block', 'drop-newest'] as const
export type OverflowPolicy = (typeof overflowPolicies)[number]

/** What a recorder is, beside its sink; all of it has a default. */
export interface RecorderSettings {
  /** Where events survive while the sink is away. The recorder closes it. Default: none, and they stay in memory; a trail has one. */
  readonly spool?: Spool | undefined
  /** The event types that may be recorded. Default: the built-in ones. */
  readonly catalogue?: EventCatalogue | undefined
  /** What is a secret and must not go on record. Default: the built-in list. */
  readonly redaction?: RedactionPolicy | undefined
  /** The span of events that name none. Default: none. */
  readonly activeSpan?: (() => ActiveSpan | undefined) | undefined
  /** The service of events that name none. Default: none. */
  readonly serviceName?: string | undefined
  /** Whether anything is recorded. `false`: every event is counted as dropped, with the reason `disabled`. Default `true`. */
  readonly enabled?: boolean | undefined
  /** `false`: there are no batches; each event is written as it comes, at most `queueEvents` at a time. Default `true`. */
  readonly queued?: boolean | undefined
  /**
   * How many events may be in memory before the overflow policy applies. Beyond them are only those that the spool is
   * taking just now: what it refuses of them is dropped. Default 10,000.
   */
  readonly queueEvents?: number | undefined
  /**
   * About how many characters of JSON may be in memory. What comes beyond them is dropped, or waits for room with the
   * policy `block`, unless it is larger by itself. Default 67,108,864.
   */
  readonly queueBytes?: number | undefined
  /** Default: `spool` where there is one, else `drop-newest`. */
  readonly overflow?: OverflowPolicy | undefined
  /** The most events in a batch. Default 2,000. */
  readonly batchEvents?: number | undefined
  /** About the most characters of JSON in a batch of more than one event. Default 4,194,304. */
  readonly batchBytes?: number | undefined
  /** How long the first event of a batch waits for others, in milliseconds. Default 100. */
  readonly batchAgeMs?: number | undefined
  /**
   * How many batches are written at a time, and without a queue: how many of those from the spool. Default 3: two on
   * their way, and one that is made ready meanwhile.
   */
  readonly writesInFlight?: number | undefined
  /** How long a write may take before the sink counts as away, in milliseconds. Default 30,000. */
  readonly writeTimeoutMs?: number | undefined
  /** The wait after the first failure of the sink or the spool, in milliseconds, doubled after each further one. Default 100. */
  readonly retryMinMs?: number | undefined
  /** The longest wait between two tries, in milliseconds. Default 30,000. */
  readonly retryMaxMs?: number | undefined
  /** How often in a row the sink must fail before what is in memory goes to the spool. Default 3. */
  readonly failuresBeforeSpool?: number | undefined
  /** Whether every event goes through the spool before the sink. Default `false`. */
  readonly spoolFirst?: boolean | undefined
  /** Default: the clock of this machine. */
  readonly clock?: Clock | undefined
  /** Default: the timers of this machine. */
  readonly timers?: Timers | undefined
  /** A number in [0, 1), for jitter. Default `Math.random`. */
  readonly random?: (() => number) | undefined
  /** Makes the ids of events that come without. Default: UUIDv7 that increase within a millisecond. */
  readonly nextId?: UuidGenerator | undefined
  /** Told of what is lost and of what fails. Default: `console`. */
  readonly logger?: Logger | undefined
}

/** What `createRecorder` takes. */
export interface RecorderOptions extends RecorderSettings {
  /** Where the events go. */
  readonly sink: Sink
}
