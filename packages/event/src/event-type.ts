import type { z } from 'zod'
import type { AuditEvent, EntityType, EventStatus } from './record.ts'

/** What an event type says of a column: it is set on every event, or on some. Unsaid: it is null on all. */
export type ColumnUse = 'always' | 'may'

/** Everything there is to know about a type of event. */
export interface EventType<Name extends string = string> {
  readonly eventType: Name
  readonly entityType: EntityType
  /** When it is recorded, in words. */
  readonly when: string
  /** The statuses it may have; null where it says nothing of an outcome. */
  readonly statuses: readonly (EventStatus | null)[]
  /** The columns it sets, beside those that every event has. */
  readonly columns: Readonly<Partial<Record<TypedColumn, ColumnUse>>>
  /** Checks `details`; it changes nothing, so defaults and transformations in it have no effect. */
  readonly details: z.ZodType
  /** Version of `details`. */
  readonly schemaVersion: number
}

/** Columns that are set on the events of every type. */
export const columnsOfEveryEvent = [
  'id',
  'timestamp',
  'recordedAt',
  'eventType',
  'entityType',
  'severity',
  'tenant',
  'schemaVersion',
  'salt',
] as const satisfies readonly (keyof AuditEvent)[]

/** A column that is an event type's own affair: `status` has a list of its own, and some belong to every event. */
export type TypedColumn = Exclude<keyof AuditEvent, (typeof columnsOfEveryEvent)[number] | 'status'>

/** Columns that an event of any type may have. */
const traced = { parentEventId: 'may', traceId: 'may', spanId: 'may' } as const

/** Columns of what the engine records of an execution. */
export const orchestrationColumns = {
  ...traced,
  serviceName: 'always',
  executionId: 'always',
  executionSeq: 'always',
  workflowName: 'always',
  workflowVersion: 'always',
  correlationId: 'always',
  actorType: 'may',
  actorId: 'may',
  message: 'always',
  details: 'always',
} as const

/** Columns of what the engine records of a step. */
export const stepColumns = {
  ...orchestrationColumns,
  stepName: 'always',
  stepId: 'always',
  operationType: 'always',
} as const

/** Columns of what an operator does: who and why are always known. */
export const operatorColumns = { actorType: 'always', actorId: 'always', reason: 'always' } as const

/** Columns of what happens outside the engine, through either door, whatever it is about. */
export const administrationColumns = {
  ...traced,
  serviceName: 'may',
  executionId: 'may',
  executionSeq: 'may',
  durationMs: 'may',
  correlationId: 'may',
  actorType: 'may',
  actorId: 'may',
  resourceType: 'may',
  resourceId: 'may',
  action: 'may',
  reason: 'may',
  message: 'may',
  details: 'may',
  recorderId: 'may',
  recorderSeq: 'may',
} as const

/** Columns of what concerns the choice of a workflow. */
export const selectionColumns = {
  ...administrationColumns,
  workflowName: 'may',
  workflowVersion: 'may',
} as const

/** Columns of what an application records: it may name a step that it is about. */
export const applicationColumns = {
  ...selectionColumns,
  stepName: 'may',
  stepId: 'may',
  operationType: 'may',
  retryCount: 'may',
} as const
