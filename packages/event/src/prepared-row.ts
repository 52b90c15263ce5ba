import { eventColumns } from './event-columns.ts'
import { eventLimits } from './limits.ts'
import { type DraftEvent, draftEvent, type PrepareEnvironment } from './prepare-event.ts'
import { quotedText } from './quoted-text.ts'
import type { AuditEvent } from './record.ts'

/** What the writer of an event gives, and the service where the event names none. */
export interface RowWriter {
  /** The recorder that numbers its events, where one does. */
  readonly recorder?: { readonly id: string; readonly seq: number } | undefined
  readonly serviceName?: string | undefined
}

/** The columns that a row has when it is written; the database gives the others. */
export type RowKey = Exclude<keyof AuditEvent, 'recordedAt' | 'executionSeq' | 'salt'>

/** What a column holds: of `timestamp` milliseconds since 1970, of `details` its JSON. */
export type Cell = string | number | null

/** The columns that a row has when it is written, in the order of the table. */
export const rowKeys: readonly RowKey[] = eventColumns
  .map(({ key }) => key)
  .filter((key): key is RowKey => key !== 'recordedAt' && key !== 'executionSeq' && key !== 'salt')

/** An event as a row of `audit_event`, independent of what it was made of. */
export class PreparedRow {
  /** In milliseconds since 1970. */
  readonly timestampMs: number
  readonly #event: AuditEvent
  readonly #detailsJson: string | null
  #json: string | undefined

  constructor({ event, detailsJson, timestampMs }: DraftEvent) {
    this.timestampMs = timestampMs
    this.#event = event
    this.#detailsJson = detailsJson
  }

  get id(): string {
    return this.#event.id
  }

  /** Itself, for who takes rows or JSON. */
  get row(): this {
    return this
  }

  /** About how many characters its JSON has, without making it. */
  get size(): number {
    const { message, reason, resourceId } = this.#event
    const texts = (message?.length ?? 0) + (reason?.length ?? 0) + (resourceId?.length ?? 0)
    return usualSize + texts + (this.#detailsJson?.length ?? 0)
  }

  /** The columns by their names, those that are null left out. Made when it is first asked for. */
  get json(): string {
    this.#json ??= rowJson(this.#event, this.#detailsJson)
    return this.#json
  }

  /** What the columns hold, in the order of `rowKeys`: each by its name, since that is what is fast. */
  cells(): readonly Cell[] {
    const event = this.#event
    return [
      event.id,
      this.timestampMs,
      event.eventType,
      event.entityType,
      event.status,
      event.severity,
      event.serviceName,
      event.executionId,
      event.workflowName,
      event.workflowVersion,
      event.stepName,
      event.stepId,
      event.operationType,
      event.durationMs,
      event.retryCount,
      event.correlationId,
      event.parentEventId,
      event.traceId,
      event.spanId,
      event.actorType,
      event.actorId,
      event.resourceType,
      event.resourceId,
      event.action,
      event.reason,
      event.message,
      this.#detailsJson,
      event.tenant,
      event.schemaVersion,
      event.recorderId,
      event.recorderSeq,
    ]
  }
}

/** Of the columns that are mostly short, with their names. */
const usualSize = 500

/** The most that `PreparedRow.size` gives. */
export const largestRowSize =
  usualSize + 2 * eventLimits.textLength + eventLimits.resourceIdLength + eventLimits.detailsBytes

/**
 * Makes a row of what a caller gives: the row of the record that `prepareEvent` makes of it, and refused for the same
 * reasons.
 */
export function prepareRow(input: unknown, environment: PrepareEnvironment, writer: RowWriter): PreparedRow {
  const draft = draftEvent(input, environment)
  // Nobody else has the draft yet.
  const event = draft.event as { -readonly [Key in keyof AuditEvent]: AuditEvent[Key] }
  event.recorderId = writer.recorder?.id ?? null
  event.recorderSeq = writer.recorder?.seq ?? null
  event.serviceName ??= writer.serviceName ?? null
  return new PreparedRow(draft)
}

/** Column by column, since that is what is fast; names of columns need no quoting, nor do ids, times and enumerations. */
function rowJson(event: AuditEvent, detailsJson: string | null): string {
  let json =
    `{"id":"${event.id}","timestamp":"${event.timestamp}","event_type":${quoted(event.eventType)}` +
    `,"entity_type":"${event.entityType}","severity":"${event.severity}","tenant":${quoted(event.tenant)}` +
    `,"schema_version":${event.schemaVersion}`
  if (event.recorderId !== null)
    json += `,"recorder_id":"${event.recorderId}","recorder_seq":${event.recorderSeq}`
  if (event.status !== null) json += `,"status":"${event.status}"`
  if (event.serviceName !== null) json += `,"service_name":${quoted(event.serviceName)}`
  if (event.durationMs !== null) json += `,"duration_ms":${event.durationMs}`
  if (event.correlationId !== null) json += `,"correlation_id":${quoted(event.correlationId)}`
  if (event.actorType !== null) json += `,"actor_type":"${event.actorType}"`
  if (event.actorId !== null) json += `,"actor_id":${quoted(event.actorId)}`
  if (event.resourceType !== null) json += `,"resource_type":${quoted(event.resourceType)}`
  if (event.resourceId !== null) json += `,"resource_id":${quoted(event.resourceId)}`
  if (event.action !== null) json += `,"action":${quoted(event.action)}`
  if (event.reason !== null) json += `,"reason":${quoted(event.reason)}`
  if (event.message !== null) json += `,"message":${quoted(event.message)}`
  if (event.parentEventId !== null) json += `,"parent_event_id":"${event.parentEventId}"`
  if (event.traceId !== null) json += `,"trace_id":"${event.traceId}"`
  if (event.spanId !== null) json += `,"span_id":"${event.spanId}"`
  json += executionJson(event)
  return detailsJson === null ? `${json}}` : `${json},"details":${detailsJson}}`
}

function executionJson(event: AuditEvent): string {
  let json = ''
  if (event.executionId !== null) json += `,"execution_id":${quoted(event.executionId)}`
  if (event.workflowName !== null) json += `,"workflow_name":${quoted(event.workflowName)}`
  if (event.workflowVersion !== null) json += `,"workflow_version":${quoted(event.workflowVersion)}`
  if (event.stepName !== null) json += `,"step_name":${quoted(event.stepName)}`
  if (event.stepId !== null) json += `,"step_id":"${event.stepId}"`
  if (event.operationType !== null) json += `,"operation_type":"${event.operationType}"`
  if (event.retryCount !== null) json += `,"retry_count":${event.retryCount}`
  return json
}

/** Redaction may have cut a text in the middle of a character; JSON can say even that. */
const quoted = (text: string): string => quotedText(text) ?? JSON.stringify(text)
