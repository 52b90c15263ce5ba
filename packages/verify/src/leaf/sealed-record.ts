import type { Json } from '../canonical-json.ts'

/** Columns of an event that its envelope holds: nothing about tenants or people. */
export const envelopeColumns = [
  'id',
  'timestamp',
  'event_type',
  'entity_type',
  'status',
  'severity',
  'service_name',
  'execution_id',
  'execution_seq',
  'workflow_name',
  'workflow_version',
  'step_name',
  'step_id',
  'operation_type',
  'duration_ms',
  'retry_count',
  'parent_event_id',
  'schema_version',
  'recorder_id',
  'recorder_seq',
] as const

/** Columns of an event that its body holds: what can be erased. */
export const bodyColumns = [
  'correlation_id',
  'tenant',
  'trace_id',
  'span_id',
  'actor_type',
  'actor_id',
  'resource_type',
  'resource_id',
  'action',
  'reason',
  'message',
  'details',
] as const

/** The part of an event that stays for as long as the event. */
export type Envelope = { readonly [Column in (typeof envelopeColumns)[number]]: string | number | null }

/** The part of an event that can be erased. */
export type Body = {
  readonly [Column in Exclude<(typeof bodyColumns)[number], 'details'>]: string | null
} & { readonly details: Json }

/** An event as the log commits to it. */
export interface WholeRecord {
  readonly envelope: Envelope
  readonly body: Body
  /** The event's secret: a UUID. */
  readonly salt: string
}

/** An event whose body was erased: what is left of it proves the envelope, and that there was a body. */
export interface ErasedRecord {
  readonly envelope: Envelope
  readonly body: null
  /** The commitment to the body that is gone: 64 hexadecimal digits. */
  readonly bodyHash: string
  /** The key of the envelope, in the form of a UUID. The salt, from which the body's key came, is gone. */
  readonly envelopeKey: string
}

/** An event, whole or erased. */
export type SealedRecord = WholeRecord | ErasedRecord
