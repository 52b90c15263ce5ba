import type { PreparedRow } from '@steptrail/event'
import type { OutgoingEvent } from './outgoing-event.ts'

/** Why an event is nowhere. */
export const dropReasons = {
  invalid: 'It was refused when it was recorded: see the error in the log.',
  queue_full: 'The queue was full, and there was no spool, or it took nothing.',
  rejected: 'The sink refused it for good.',
  conflict: 'Another event is on record under its id.',
  not_delivered: 'The recorder was closed before the sink took it, and no spool did.',
  closed: 'It was recorded after the recorder was closed.',
  disabled: 'Recording is switched off.',
} as const satisfies Readonly<Record<string, string>>

/** Why an event is nowhere: a key of `dropReasons`. */
export type DropReason = keyof typeof dropReasons

/** What became of an emitted event, for good as far as the recorder's accounts go. */
export type Fate =
  /** The sink has it: `written`. In the spool, from where it will reach the sink: `spooled`. */
  | { readonly outcome: 'written' | 'spooled' }
  | { readonly outcome: 'dropped'; readonly reason: DropReason; readonly cause?: unknown }

/** Told of an event's fate; undefined where nobody waits for it. */
export type Tell = ((fate: Fate) => void) | undefined

/** An event in the recorder's memory. */
export class PendingEvent implements OutgoingEvent {
  readonly row: PreparedRow
  /** Its `recorder_seq`. */
  readonly seq: number
  readonly size: number
  readonly tell: Tell

  constructor(row: PreparedRow, seq: number, tell: Tell) {
    this.row = row
    this.seq = seq
    this.size = row.size
    this.tell = tell
  }

  get id(): string {
    return this.row.id
  }

  get timestampMs(): number {
    return this.row.timestampMs
  }

  get json(): string {
    return this.row.json
  }
}
