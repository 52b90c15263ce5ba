import type { z } from 'zod'
import type { eventAttributes, EventType } from './event-attributes.ts'

interface Numbered {
  /** From 1 on, without a gap. */
  readonly id: number
  /** When, in milliseconds since 1970. */
  readonly at: number
}

/** An event of a history. */
export type HistoryEvent =
  | {
      [Type in EventType]: Numbered & {
        readonly type: Type
        readonly attributes: z.output<(typeof eventAttributes)[Type]>
      }
    }[EventType]
  /** One that tells nothing which is on record. */
  | (Numbered & { readonly type: 'other' })

/** An event of one type. */
export type EventOf<Type extends HistoryEvent['type']> = Extract<HistoryEvent, { readonly type: Type }>

/** A run of a workflow, and what happened to it so far. */
export interface History {
  readonly workflowId: string
  readonly runId: string
  readonly started: EventOf<'workflowExecutionStarted'>
  /** All events, or those after the ones that were read before. */
  readonly events: readonly HistoryEvent[]
  /** What is kept of those that were read before; null when these are all. */
  readonly earlier: EarlierEvents | null
}

/** What is kept of the beginning of a history, so that the rest can be read without it. */
export interface EarlierEvents extends Pick<History, 'workflowId' | 'runId' | 'started'> {
  /** The number of the last of them. */
  readonly through: number
  /** When the latest of them happened. */
  readonly latestAt: number
  /** Those that later ones may refer to, by their numbers, each with the time that it has on record. */
  readonly open: ReadonlyMap<number, HistoryEvent>
  /** How often each id of an activity was given. */
  readonly activityIds: ReadonlyMap<string, number>
}

const ends: ReadonlySet<HistoryEvent['type']> = new Set<HistoryEvent['type']>([
  'workflowExecutionCompleted',
  'workflowExecutionFailed',
  'workflowExecutionTimedOut',
  'workflowExecutionCanceled',
  'workflowExecutionTerminated',
  'workflowExecutionContinuedAsNew',
])

/**
 * The number of the last event that tells something. Those after it are read again: of a workflow task under way Temporal
 * shows events that it has not stored, and may give their numbers to others.
 */
export const lastTelling = ({ events, earlier }: History): number =>
  events.findLast(({ type }) => type !== 'other')?.id ?? earlier?.through ?? 0

/** Whether the run has ended, so that its history grows no more. */
export const hasEnded = ({ events }: History): boolean => events.some(({ type }) => ends.has(type))
