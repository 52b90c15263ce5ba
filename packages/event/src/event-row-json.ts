import { type DraftEvent, draftEvent, type PrepareEnvironment } from './prepare-event.ts'
import { quotedText } from './quoted-text.ts'

/** What the writer of an event gives, and the service where the event names none. */
export interface RowWriter {
  /** The recorder that numbers its events, where one does. */
  readonly recorder?: { readonly id: string; readonly seq: number } | undefined
  readonly serviceName?: string | undefined
}

/** An event as a row of `audit_event`. */
export interface RowJson {
  readonly id: string
  /** In milliseconds since 1970. */
  readonly timestampMs: number
  /** The columns by their names, those that are null left out, without `recorded_at`, `execution_seq` and `salt`. */
  readonly json: string
}

/**
 * Makes a row of what a caller gives: the row of the record that `prepareEvent` makes of it, and refused for the same
 * reasons, but as JSON at once.
 */
export function prepareRow(input: unknown, environment: PrepareEnvironment, writer: RowWriter): RowJson {
  const draft = draftEvent(input, environment)
  return { id: draft.event.id, timestampMs: draft.timestampMs, json: rowJson(draft, writer) }
}

/** Column by column, since that is what is fast; names of columns need no quoting, nor do ids, times and enumerations. */
function rowJson({ event, detailsJson }: DraftEvent, writer: RowWriter): string {
  const serviceName = event.serviceName ?? writer.serviceName ?? null
  let json =
    `{"id":"${event.id}","timestamp":"${event.timestamp}","event_type":${quoted(event.eventType)}` +
    `,"entity_type":"${event.entityType}","severity":"${event.severity}","tenant":${quoted(event.tenant)}` +
    `,"schema_version":${event.schemaVersion}`
  if (writer.recorder) json += `,"recorder_id":"${writer.recorder.id}","recorder_seq":${writer.recorder.seq}`
  if (event.status !== null) json += `,"status":"${event.status}"`
  if (serviceName !== null) json += `,"service_name":${quoted(serviceName)}`
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

function executionJson(event: DraftEvent['event']): string {
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
