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
}
