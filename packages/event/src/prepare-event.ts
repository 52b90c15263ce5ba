import type { Clock } from './clock.ts'
import { redactDetails, snapshotDetails } from './details.ts'
import type { EventCatalogue } from './event-catalogue.ts'
import { checkDetails, checkedColumns, checkType, typeOf } from './event-checks.ts'
import { eventColumns } from './event-columns.ts'
import { type GivenFields, givenFields } from './given-fields.ts'
import { isUuid, type UuidGenerator } from './ids.ts'
import { instantAndId } from './instant-and-id.ts'
import { eventLimits } from './limits.ts'
import type { AuditEvent } from './record.ts'
import type { RedactionPolicy } from './redaction.ts'

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
  const given = givenFields(input)
  const type = typeOf(given.eventType, environment)
  const snapshot = given.details === undefined ? null : snapshotDetails(given.details)
  const event = checkedColumns({
    ...emptyEvent,
    entityType: type.entityType,
    schemaVersion: type.schemaVersion,
    ...activeSpanOf(given, environment),
    ...withoutSecrets(given, environment.redaction),
    ...instantAndId(given, environment),
    details: snapshot?.details ?? null,
  })
  checkType(event, type)
  checkDetails(event.details, type)
  return {
    event: snapshot ? { ...event, details: redactDetails(snapshot, environment.redaction) } : event,
    hasGivenId: given.id !== undefined,
    hasGivenTimestamp: given.timestamp !== undefined || given.id !== undefined,
    unregistered: type.schemaVersion === 0,
  }
}

const emptyEvent = {
  ...(Object.fromEntries(eventColumns.map(({ key }) => [key, null])) as {
    readonly [Key in keyof AuditEvent]: null
  }),
  severity: 'info',
  tenant: 'default',
}

const redactedKeys = ['action', 'reason', 'message', 'resourceId'] as const
const uuidKeys = ['stepId', 'parentEventId'] as const

/** The fields, free text without secrets, UUIDs in lower case as the database gives them back. */
function withoutSecrets(given: GivenFields, redaction: RedactionPolicy): GivenFields {
  const fields: { -readonly [Key in keyof GivenFields]: GivenFields[Key] } = { ...given }
  for (const key of redactedKeys) {
    const text = given[key]
    if (typeof text === 'string' && mayHoldSecrets(key, text)) fields[key] = redaction.redactText(text)
  }
  for (const key of uuidKeys) {
    const id = given[key]
    if (isUuid(id)) fields[key] = id.toLowerCase()
  }
  return fields
}

/** Not what is too long anyway; and not a resource's number, which may look like the number of a card. */
const mayHoldSecrets = (key: (typeof redactedKeys)[number], text: string): boolean =>
  text.length <= eventLimits.textLength && !(key === 'resourceId' && /^[\d -]*$/.test(text))

function activeSpanOf(given: GivenFields, { activeSpan }: PrepareEnvironment): Partial<ActiveSpan> {
  if (!activeSpan || given.traceId !== undefined || given.spanId !== undefined) return {}
  const span = activeSpan()
  return span && validTraceId.test(span.traceId) && validSpanId.test(span.spanId)
    ? { traceId: span.traceId, spanId: span.spanId }
    : {}
}

const validTraceId = /^(?!0+$)[0-9a-f]{32}$/
const validSpanId = /^(?!0+$)[0-9a-f]{16}$/
