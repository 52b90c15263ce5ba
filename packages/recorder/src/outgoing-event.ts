import type { PreparedRow } from '@steptrail/event'

/** One event on its way to a sink: validated, redacted, and independent of what was given. */
export interface OutgoingEvent {
  /** A UUID in lower case: the idempotency key. */
  readonly id: string
  /** When it happened, in milliseconds since 1970: the first 48 bits of the id. */
  readonly timestampMs: number
  /**
   * The row of `audit_event` as one JSON object: its columns' names for keys, without `recorded_at` and `salt`,
   * which the database gives; columns that are null are left out.
   */
  readonly json: string
  /** About how many characters of JSON it has, where that is known without making it. */
  readonly size?: number | undefined
  /** The row itself, for sinks that need no JSON; without it, the JSON is what there is. */
  readonly row?: PreparedRow | undefined
}

/** About how many characters of JSON an event has. */
export const sizeOf = (event: OutgoingEvent): number => event.size ?? event.json.length
