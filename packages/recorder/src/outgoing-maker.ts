import { type AuditEvent, eventColumns, prepareEvent, type PrepareEnvironment } from '@steptrail/event'
import type { OutgoingEvent } from './outgoing-event.ts'

/** Columns that are the database's to give. */
const columns = eventColumns.filter(({ key }) => key !== 'recordedAt' && key !== 'salt')

/** Makes outgoing events of what callers give. */
export interface OutgoingOptions {
  readonly environment: PrepareEnvironment
  readonly recorderId: string
  readonly serviceName: string | undefined
  readonly tenant: string | undefined
}

/** The event as it goes out, with this number; throws what `prepareEvent` throws. */
export function outgoingEvent(input: unknown, seq: number, options: OutgoingOptions): OutgoingEvent {
  const { event } = prepareEvent(input, options.environment)
  const row: Record<string, unknown> = {}
  const complete: AuditEvent = {
    ...event,
    serviceName: event.serviceName ?? options.serviceName ?? null,
    recorderId: options.recorderId,
    recorderSeq: seq,
  }
  for (const { key, column } of columns) if (complete[key] !== null) row[column] = complete[key]
  return { id: event.id, timestampMs: Date.parse(event.timestamp), json: JSON.stringify(row) }
}
