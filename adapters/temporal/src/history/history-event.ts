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

/** A run of a workflow, and all that happened to it so far. */
export interface History {
  readonly workflowId: string
  readonly runId: string
  readonly started: EventOf<'workflowExecutionStarted'>
  readonly events: readonly HistoryEvent[]
}

const ends: ReadonlySet<HistoryEvent['type']> = new Set<HistoryEvent['type']>([
  'workflowExecutionCompleted',
  'workflowExecutionFailed',
  'workflowExecutionTimedOut',
  'workflowExecutionCanceled',
  'workflowExecutionTerminated',
  'workflowExecutionContinuedAsNew',
])

/** Whether the run has ended, so that its history grows no more. */
export const hasEnded = ({ events }: History): boolean => events.some(({ type }) => ends.has(type))
