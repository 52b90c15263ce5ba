import type { Clock } from './clock.ts'
import { checkSize, type DetailsText, writeDetails } from './details.ts'
import { isSpanId, isTraceId } from './column-checks.ts'
import type { EventCatalogue } from './event-catalogue.ts'
import { checkDetails, checkedColumns, checkNumbers, checkType, typeOf } from './event-checks.ts'
import { planOf } from './event-plan.ts'
import type { EventType } from './event-type.ts'
import { type GivenFields, givenFields } from './given-fields.ts'
import { isUuid, type UuidGenerator } from './ids.ts'
import { instantAndId } from './instant-and-id.ts'
import { eventLimits } from './limits.ts'
import type { AuditEvent, EventDetails } from './record.ts'
import { redact, type RedactionPolicy } from './redaction.ts'
import { utf8Length } from './utf8-length.ts'

/** W3C trace context of the work in hand. */
export interface ActiveSpan {
  readonly traceId: string
  readonly spanId: string
}

/** What preparing an event depends on. */
export interface PrepareEnvironment {
  readonly clock: Clock
  readonly catalogue: EventCatalogue
  readonly redaction: RedactionPolicy
  /** Makes the ids of events that come without; `uuidV7` by default. Who records many gives a generator. */
  readonly nextId?: UuidGenerator
  /** The span in which the event happened, if any; asked when the event names none. An invalid one is no span. */
  readonly activeSpan?: () => ActiveSpan | undefined
  /** True for Steptrail itself and for adapters of other engines: they record ORCHESTRATION, STEP and TRAIL. */
  readonly engine?: boolean
}

/** An event that is fit to be written. */
export interface PreparedEvent {
  /**
   * The record, validated, redacted, and independent of what was given. `recordedAt`, `executionSeq`,
   * `recorderId`, `recorderSeq` and `salt` are null until whoever writes it gives them.
   */
  readonly event: AuditEvent
  /** Whether the caller gave the id. If not, a writer may move the event in time and make its id anew. */
  readonly hasGivenId: boolean
  /** Whether the caller gave the time, as `timestamp` or by the id. */
  readonly hasGivenTimestamp: boolean
  /** Whether the catalogue does not know its type, and flags such events rather than refuse them. */
  readonly unregistered: boolean
}

/**
 * Makes a record of what a caller gives (an `EventInput`), or refuses it whole with a `TrailError` that names the
 * path, the value and what to do: `invalid_event`, `unknown_event_type`, `engine_event_refused`,
 * `event_too_large`, `event_id_mismatch`, `event_timestamp_future`.
 *
 * Drops what is undefined, fills in what is not given (severity `info`, tenant `default`, entity type and schema
 * version from the type, the time from the clock, the id from the time), checks every column, and the details
 * against the type's schema as they were given; then redacts details, `action`, `reason`, `message` and
 * `resourceId`. What was given may change afterwards; the record does not.
 */
export function prepareEvent(input: unknown, environment: PrepareEnvironment): PreparedEvent {
  const { event, detailsJson, timestampMs: _, ...facts } = draftEvent(input, environment)
  const details = detailsJson === null ? null : (JSON.parse(detailsJson) as EventDetails)
  return { event: { ...event, details }, ...facts }
}

/** An event that is fit to be written, its details apart: as JSON, without secrets. */
export interface DraftEvent extends PreparedEvent {
  /** `timestamp` in milliseconds since 1970. */
  readonly timestampMs: number
  readonly detailsJson: string | null
}

/** What `prepareEvent` does, for who wants JSON of it. */
export function draftEvent(input: unknown, environment: PrepareEnvironment): DraftEvent {
  const fields = givenFields(input)
  const { details } = fields
  const hasGivenId = fields.id !== null
  const hasGivenTimestamp = hasGivenId || fields.timestamp !== null
  const type = typeOf(fields.eventType, environment)
  const written = details === null ? null : writtenDetails(details, type, environment)
  hideSecrets(fields, environment.redaction)
  if (environment.activeSpan) adoptSpan(fields, environment.activeSpan)
  const { id, timestamp, timestampMs } = instantAndId(fields, environment)
  fields.id = id
  fields.timestamp = timestamp
  fields.entityType ??= type.entityType
  fields.schemaVersion ??= type.schemaVersion
  fields.severity ??= 'info'
  fields.tenant ??= 'default'
  // The column holds an object, whatever was given.
  if (written) fields.details = emptyDetails
  const event = checkedColumns(fields)
  checkType(event, type)
  return {
    event,
    detailsJson: storedDetails(written, type, environment),
    timestampMs,
    hasGivenId,
    hasGivenTimestamp,
    unregistered: type.schemaVersion === 0,
  }
}

const emptyDetails: EventDetails = Object.freeze({})

/** Without secrets at once, where no schema has to see the details as they were given. */
const writtenDetails = (details: unknown, type: EventType, { redaction }: PrepareEnvironment): DetailsText =>
  writeDetails(details, planOf(type).takesAnyDetails ? redaction : undefined)

/** The details as they go on record, if the type's schema takes them. */
function storedDetails(
  written: DetailsText | null,
  type: EventType,
  { redaction }: PrepareEnvironment,
): string | null {
  if (planOf(type).takesAnyDetails) {
    if (written === null) return null
    checkNumbers(written.milliseconds, type)
    checkSize(written)
    return written.json
  }
  const given = written === null ? null : (JSON.parse(written.json) as EventDetails)
  checkDetails(given, type)
  if (written === null || given === null) return null
  const json = JSON.stringify(redact(given, redaction))
  const bytesRedacted = json === written.json ? 0 : utf8Length(written.json) - utf8Length(json)
  checkSize({ json, bytesRedacted })
  return json
}

/** Free text without secrets, and UUIDs in lower case as the database gives them back. */
function hideSecrets(fields: GivenFields, redaction: RedactionPolicy): void {
  const { action, reason, message, resourceId, executionId, stepId, parentEventId } = fields
  if (mayHoldSecrets(action)) fields.action = redaction.redactText(action)
  if (mayHoldSecrets(reason)) fields.reason = redaction.redactText(reason)
  if (mayHoldSecrets(message)) fields.message = redaction.redactText(message)
  // Not a resource's number, which may look like the number of a card.
  if (mayHoldSecrets(resourceId) && !/^[\d -]*$/.test(resourceId))
    fields.resourceId = redaction.redactText(resourceId)
  if (isUuid(executionId)) fields.executionId = executionId.toLowerCase()
  if (isUuid(stepId)) fields.stepId = stepId.toLowerCase()
  if (isUuid(parentEventId)) fields.parentEventId = parentEventId.toLowerCase()
}

/** Not what is too long anyway. */
const mayHoldSecrets = (text: unknown): text is string =>
  typeof text === 'string' && text.length <= eventLimits.textLength

function adoptSpan(fields: GivenFields, activeSpan: () => ActiveSpan | undefined): void {
  if (fields.traceId !== null || fields.spanId !== null) return
  const span = activeSpan()
  if (!span || !isTraceId(span.traceId) || !isSpanId(span.spanId)) return
  fields.traceId = span.traceId
  fields.spanId = span.spanId
}
