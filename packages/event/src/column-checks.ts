import { isUuid } from './ids.ts'
import { eventLimits } from './limits.ts'
import { isStorable } from './quoted-text.ts'
import {
  actorTypes,
  type AuditEvent,
  entityTypes,
  eventStatuses,
  operationTypes,
  severities,
} from './record.ts'

/** An event that may hold anything in its columns. */
export type UncheckedEvent = { -readonly [Key in keyof AuditEvent]: unknown }

/**
 * Whether every column holds what `auditEventSchema` says it may: the same answer, many times sooner. Who wants to
 * know what is wrong asks the schema.
 */
export const holdsWhatItMay = (event: UncheckedEvent): boolean =>
  isUuid(event.id) && isInstant(event.timestamp) && givenHoldsWhatItMay(event) && hasGoodAssigned(event)

/**
 * The same for the columns that a caller gives, id and timestamp aside. Each column by its name, since that is what
 * is fast.
 */
export function givenHoldsWhatItMay(event: UncheckedEvent): boolean {
  return (
    isName(event.eventType) &&
    isOneOf(entityTypes, event.entityType) &&
    (event.status === null || isOneOf(eventStatuses, event.status)) &&
    isOneOf(severities, event.severity) &&
    isName(event.tenant) &&
    isSmallNumber(event.schemaVersion) &&
    (event.serviceName === null || isName(event.serviceName)) &&
    (event.durationMs === null || isWholeNumber(event.durationMs)) &&
    (event.correlationId === null || isName(event.correlationId)) &&
    (event.actorType === null || isOneOf(actorTypes, event.actorType)) &&
    (event.actorId === null || isName(event.actorId)) &&
    (event.resourceType === null || isName(event.resourceType)) &&
    (event.resourceId === null || isText(event.resourceId, 1, eventLimits.resourceIdLength)) &&
    (event.action === null || isName(event.action)) &&
    (event.reason === null || isText(event.reason, 0, eventLimits.textLength)) &&
    (event.message === null || isText(event.message, 0, eventLimits.textLength)) &&
    (event.details === null || isObject(event.details)) &&
    hasGoodExecution(event) &&
    hasGoodTrace(event)
  )
}

const hasGoodExecution = (event: UncheckedEvent): boolean =>
  (event.executionId === null || isName(event.executionId)) &&
  (event.executionSeq === null || isOrdinal(event.executionSeq)) &&
  (event.workflowName === null || isName(event.workflowName)) &&
  (event.workflowVersion === null || isName(event.workflowVersion)) &&
  (event.stepName === null || isName(event.stepName)) &&
  (event.stepId === null || isUuid(event.stepId)) &&
  (event.operationType === null || isOneOf(operationTypes, event.operationType)) &&
  (event.retryCount === null || isSmallNumber(event.retryCount))

const hasGoodTrace = (event: UncheckedEvent): boolean =>
  (event.parentEventId === null || isUuid(event.parentEventId)) &&
  (event.traceId === null || isTraceId(event.traceId)) &&
  (event.spanId === null || isSpanId(event.spanId))

const hasGoodAssigned = (event: UncheckedEvent): boolean =>
  (event.recordedAt === null || isInstant(event.recordedAt)) &&
  (event.recorderId === null || isUuid(event.recorderId)) &&
  (event.recorderSeq === null || isOrdinal(event.recorderSeq)) &&
  (event.salt === null || isUuid(event.salt))

function isText(value: unknown, least: number, most: number): boolean {
  return typeof value === 'string' && value.length >= least && value.length <= most && isStorable(value)
}

const isName = (value: unknown): boolean => isText(value, 1, eventLimits.nameLength)

const isOneOf = (values: readonly string[], value: unknown): boolean => values.includes(value as string)

const isWholeNumber = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0

const isSmallNumber = (value: unknown): boolean => isWholeNumber(value) && (value as number) <= 2_147_483_647

const isOrdinal = (value: unknown): boolean => isWholeNumber(value) && (value as number) >= 1

const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const traceId = /^(?!0+$)[0-9a-f]{32}$/
const spanId = /^(?!0+$)[0-9a-f]{16}$/

/** Whether it is a trace id of W3C. */
export const isTraceId = (value: unknown): value is string => typeof value === 'string' && traceId.test(value)

/** Whether it is a span id of W3C. */
export const isSpanId = (value: unknown): value is string => typeof value === 'string' && spanId.test(value)

/** Of the days that exist, and to the millisecond; a wrong one is left to the schema. */
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

function isInstant(value: unknown): boolean {
  if (typeof value !== 'string' || !instant.test(value)) return false
  const time = Date.parse(value)
  return !Number.isNaN(time) && new Date(time).toISOString() === value
}
