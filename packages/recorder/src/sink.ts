import type { OutgoingEvent } from './outgoing-event.ts'

/** What became of one event at a sink, for good. */
export type SinkOutcome =
  /** On record: now, or already with the same content. */
  | { readonly outcome: 'created' | 'duplicate' }
  /** Never on record: another event has its id, or it can be recorded nowhere. */
  | { readonly outcome: 'conflict' | 'rejected'; readonly reason: string }

/** Where recorded events go: a database, a server over HTTP, a stream. */
export interface Sink {
  /** The most events that one write takes. Default: as many as the recorder puts into a batch. */
  readonly maxBatchEvents?: number | undefined
  /** The most characters of JSON that one write takes. Default: as many as the recorder puts into a batch. */
  readonly maxBatchBytes?: number | undefined
  /**
   * Writes a batch, and returns one outcome for each event, in order. It must be idempotent by id: the same event
   * comes again whenever the recorder does not know what became of it.
   *
   * @throws TrailError `batch_refused` when something in the batch can never be written: the recorder then splits
   *   it. Anything else means that the sink is away or that nothing is known, and the recorder tries again,
   *   but not before the `retryAfterMs` in the details of a `TrailError` are over.
   */
  write(batch: readonly OutgoingEvent[], signal: AbortSignal): Promise<readonly SinkOutcome[]>
}
