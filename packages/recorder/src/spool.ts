import type { OutgoingEvent } from './outgoing-event.ts'

/** Events that come out of a spool. */
export interface SpoolBatch {
  readonly events: readonly OutgoingEvent[]
  /** Says that what became of them is known for good: they never come out again. */
  settle(): Promise<void>
}

/** Where events survive while the sink is away, also the end of the process. */
export interface Spool {
  /** Bytes that are not settled yet. */
  readonly bytes: number
  /** Events that are not settled yet. */
  readonly events: number
  /**
   * Takes events in order; resolves when they will survive.
   *
   * @throws TrailError `spool_unavailable` (disk full, read-only, over its limit): then it has taken none of them. Where
   *   there is only no room for so many, `details.code` is `full`, `ENOSPC`, `EDQUOT` or `EFBIG`, and fewer may find some
   */
  append(events: readonly OutgoingEvent[]): Promise<void>
  /**
   * The oldest events that are not settled, first its own and then those of dead processes; undefined when there
   * are none. Another call before they are settled gives those that follow.
   *
   * @throws TrailError `spool_unavailable` when there are none but such as cannot be read now
   */
  next(maxEvents: number): Promise<SpoolBatch | undefined>
  /** Calls back when there is more to replay than was appended: events of a process that died were adopted. */
  onAdopted?(listener: () => void): void
  /** Keeps an event that was refused for good, with the reason. */
  bury(event: OutgoingEvent, reason: string): Promise<void>
  close(): Promise<void>
}
