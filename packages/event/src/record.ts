import type { Json } from '@steptrail/verify'
import { z } from 'zod'
import { eventLimits } from './limits.ts'
import { problemOfText } from './storable-text.ts'

/** What an event is about. */
export const entityTypes = ['ORCHESTRATION', 'STEP', 'SELECTION', 'OPERATION', 'TRAIL'] as const
export type EntityType = (typeof entityTypes)[number]

/** How it ended; null in the record where there is no outcome. */
export const eventStatuses = ['SUCCESS', 'FAILED', 'WARNING'] as const
export type EventStatus = (typeof eventStatuses)[number]

/** How serious it is, least first. */
export const severities = ['debug', 'info', 'warning', 'error', 'critical'] as const
export type Severity = (typeof severities)[number]

/** What kind of actor caused it. */
export const actorTypes = ['user', 'service', 'worker', 'agent', 'system'] as const
export type ActorType = (typeof actorTypes)[number]

/** Who caused it. */
export interface Actor {
  readonly type: ActorType
  readonly id: string
}

/** `DO` goes forward, `UNDO` compensates. */
export const operationTypes = ['DO', 'UNDO'] as const
export type OperationType = (typeof operationTypes)[number]

/** What an event carries beyond its columns. */
export type EventDetails = Readonly<Record<string, Json>>

const freeText = (max: number) =>
  z.string('is not text').superRefine((text, context) => {
    const message = text.length > max ? `is longer than ${max} characters` : problemOfText(text)?.problem
    if (message) context.addIssue(message)
  })
const name = (max: number = eventLimits.nameLength) =>
  freeText(max).min(1, 'is empty: leave it out or give null')
const oneOf = <const Values extends readonly string[]>(values: Values) =>
  z.enum(values, `is not one of ${values.join(', ')}`)
const uuid = z.guid('is not a UUID')
const wholeNumber = z.int('is not a whole number within ±(2^53 − 1)').min(0, 'is negative')
const number4 = wholeNumber.max(2_147_483_647, 'is larger than 2147483647')
const ordinal = wholeNumber.min(1, 'is less than 1')
const instant = z.iso.datetime({ precision: 3, error: 'is not UTC time as 2025-11-04T10:00:00.123Z' })
const hexadecimal = (digits: number) =>
  z
    .string('is not text')
    .regex(
      new RegExp(`^(?!0+$)[0-9a-f]{${digits}}$`),
      `is not ${digits} lower-case hexadecimal digits, not all of them 0`,
    )

/**
 * The record: every column of `audit_event`, in table order, every key always present, null when there is none.
 * Instants are ISO-8601 in UTC with exactly three decimals; durations are whole milliseconds.
 *
 * `recordedAt`, `executionSeq`, `recorderId`, `recorderSeq` and `salt` are null until the event is written:
 * whoever writes it gives them.
 */
export const auditEventSchema = z.strictObject({
  id: uuid,
  timestamp: instant,
  recordedAt: instant.nullable(),
  eventType: name(),
  entityType: oneOf(entityTypes),
  status: oneOf(eventStatuses).nullable(),
  severity: oneOf(severities),
  serviceName: name().nullable(),
  executionId: name().nullable(),
  executionSeq: ordinal.nullable(),
  workflowName: name().nullable(),
  workflowVersion: name().nullable(),
  stepName: name().nullable(),
  stepId: uuid.nullable(),
  operationType: oneOf(operationTypes).nullable(),
  durationMs: wholeNumber.nullable(),
  retryCount: number4.nullable(),
  correlationId: name().nullable(),
  parentEventId: uuid.nullable(),
  traceId: hexadecimal(32).nullable(),
  spanId: hexadecimal(16).nullable(),
  actorType: oneOf(actorTypes).nullable(),
  actorId: name().nullable(),
  resourceType: name().nullable(),
  resourceId: name(eventLimits.resourceIdLength).nullable(),
  action: name().nullable(),
  reason: freeText(eventLimits.textLength).nullable(),
  message: freeText(eventLimits.textLength).nullable(),
  details: z.custom<EventDetails>(isObject, 'is not an object').nullable(),
  tenant: name(),
  schemaVersion: number4,
  recorderId: uuid.nullable(),
  recorderSeq: ordinal.nullable(),
  salt: uuid.nullable(),
})

/** One audit record; see `auditEventSchema`. */
export type AuditEvent = Readonly<z.output<typeof auditEventSchema>>

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** JSON as a caller may give it: properties that are undefined are dropped. */
export type JsonInput =
  string | number | boolean | null | readonly JsonInput[] | { readonly [key: string]: JsonInput | undefined }

/**
 * An event as a caller gives it: `eventType`, and whatever else is known. An absent, undefined or null key takes
 * its default or is null on record. Who writes the event gives `executionSeq`, `recordedAt`, `recorderId`,
 * `recorderSeq` and `salt`.
 */
export type EventInput = {
  readonly [Key in Exclude<keyof AuditEvent, AssignedKey | 'eventType' | 'details'>]?:
    AuditEvent[Key] | null | undefined
} & {
  readonly eventType: string
  readonly details?: { readonly [key: string]: JsonInput | undefined } | null | undefined
}

/** Keys of the record that only the writer gives. */
export const assignedKeys = ['recordedAt', 'executionSeq', 'recorderId', 'recorderSeq', 'salt'] as const
export type AssignedKey = (typeof assignedKeys)[number]
