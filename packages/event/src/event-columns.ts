import type { AuditEvent } from './record.ts'

/** One column of `audit_event` as the record shows it. */
export interface EventColumn {
  /** Key of the record and of the JSON form. */
  readonly key: keyof AuditEvent
  /** Name of the column in SQL. */
  readonly column: string
  /** Type of the column in SQL, as a column definition takes it. */
  readonly type: 'uuid' | 'text' | 'bigint' | 'integer' | 'jsonb' | 'timestamptz' | 'timestamptz(3)'
  /** Whether the column may be null. */
  readonly nullable: boolean
  /** What it says, in a sentence or less. */
  readonly meaning: string
}

/** The columns of the record in table order. `tx`, which only the database reads, is not among them. */
export const eventColumns = [
  {
    key: 'id',
    column: 'id',
    type: 'uuid',
    nullable: false,
    meaning:
      'Made by the producer, UUIDv7 or UUIDv8; its first 48 bits are `timestamp`; the idempotency key.',
  },
  {
    key: 'timestamp',
    column: 'timestamp',
    type: 'timestamptz(3)',
    nullable: false,
    meaning: 'When it happened, in whole milliseconds. Strictly increasing within an execution.',
  },
  {
    key: 'recordedAt',
    column: 'recorded_at',
    type: 'timestamptz',
    nullable: false,
    meaning: 'When the database took it.',
  },
  {
    key: 'eventType',
    column: 'event_type',
    type: 'text',
    nullable: false,
    meaning: 'What kind of event it is.',
  },
  {
    key: 'entityType',
    column: 'entity_type',
    type: 'text',
    nullable: false,
    meaning: 'What kind of thing it is about.',
  },
  {
    key: 'status',
    column: 'status',
    type: 'text',
    nullable: true,
    meaning: 'The outcome; null where there is none.',
  },
  {
    key: 'severity',
    column: 'severity',
    type: 'text',
    nullable: false,
    meaning: 'How serious it is; `info` unless given.',
  },
  {
    key: 'serviceName',
    column: 'service_name',
    type: 'text',
    nullable: true,
    meaning: 'Who did it: the worker service for step events, the emitting service otherwise.',
  },
  {
    key: 'executionId',
    column: 'execution_id',
    type: 'text',
    nullable: true,
    meaning: 'The execution it belongs to or is about.',
  },
  {
    key: 'executionSeq',
    column: 'execution_seq',
    type: 'bigint',
    nullable: true,
    meaning: '1, 2, 3 … without gaps within an execution; null for what the buffered recorder recorded.',
  },
  {
    key: 'workflowName',
    column: 'workflow_name',
    type: 'text',
    nullable: true,
    meaning: 'Name of the workflow.',
  },
  {
    key: 'workflowVersion',
    column: 'workflow_version',
    type: 'text',
    nullable: true,
    meaning: 'Version of the workflow.',
  },
  { key: 'stepName', column: 'step_name', type: 'text', nullable: true, meaning: 'Name of the step.' },
  {
    key: 'stepId',
    column: 'step_id',
    type: 'uuid',
    nullable: true,
    meaning: 'The step row: DO and UNDO of one step have an id each.',
  },
  {
    key: 'operationType',
    column: 'operation_type',
    type: 'text',
    nullable: true,
    meaning: '`DO` goes forward, `UNDO` compensates.',
  },
  {
    key: 'durationMs',
    column: 'duration_ms',
    type: 'bigint',
    nullable: true,
    meaning:
      'Of a step: the last attempt, from its claim to its acknowledgement. Of an execution or an operation: the whole of it.',
  },
  {
    key: 'retryCount',
    column: 'retry_count',
    type: 'integer',
    nullable: true,
    meaning:
      'Retries made so far, 0 on the first attempt; in STEP_RETRY_TRIGGERED the number of the retry it triggers.',
  },
  {
    key: 'correlationId',
    column: 'correlation_id',
    type: 'text',
    nullable: true,
    meaning: 'Ties everything that belongs to one cause together, across executions.',
  },
  {
    key: 'parentEventId',
    column: 'parent_event_id',
    type: 'uuid',
    nullable: true,
    meaning: 'The event that caused this one.',
  },
  {
    key: 'traceId',
    column: 'trace_id',
    type: 'text',
    nullable: true,
    meaning: 'W3C trace id, 32 hexadecimal digits.',
  },
  {
    key: 'spanId',
    column: 'span_id',
    type: 'text',
    nullable: true,
    meaning: 'W3C span id, 16 hexadecimal digits.',
  },
  {
    key: 'actorType',
    column: 'actor_type',
    type: 'text',
    nullable: true,
    meaning: 'What kind of actor caused it.',
  },
  { key: 'actorId', column: 'actor_id', type: 'text', nullable: true, meaning: 'Who caused it.' },
  {
    key: 'resourceType',
    column: 'resource_type',
    type: 'text',
    nullable: true,
    meaning: 'What kind of thing it was done to.',
  },
  { key: 'resourceId', column: 'resource_id', type: 'text', nullable: true, meaning: 'What it was done to.' },
  {
    key: 'action',
    column: 'action',
    type: 'text',
    nullable: true,
    meaning: 'What was done, for operations.',
  },
  {
    key: 'reason',
    column: 'reason',
    type: 'text',
    nullable: true,
    meaning: 'Why, in words a person can use.',
  },
  {
    key: 'message',
    column: 'message',
    type: 'text',
    nullable: true,
    meaning: 'What happened, in a sentence.',
  },
  { key: 'details', column: 'details', type: 'jsonb', nullable: true, meaning: 'The rest, by event type.' },
  {
    key: 'tenant',
    column: 'tenant',
    type: 'text',
    nullable: false,
    meaning: 'Whose it is; `default` unless given.',
  },
  {
    key: 'schemaVersion',
    column: 'schema_version',
    type: 'integer',
    nullable: false,
    meaning:
      'Version of `details` for this event type; 0 for an unregistered type, whose details no schema checked.',
  },
  {
    key: 'recorderId',
    column: 'recorder_id',
    type: 'uuid',
    nullable: true,
    meaning: 'The recorder instance, for events without `execution_seq`.',
  },
  {
    key: 'recorderSeq',
    column: 'recorder_seq',
    type: 'bigint',
    nullable: true,
    meaning: '1, 2, 3 … without gaps within a recorder instance, so that a missing event shows.',
  },
  {
    key: 'salt',
    column: 'salt',
    type: 'uuid',
    nullable: false,
    meaning: 'Secret of the event’s commitments; never part of its JSON form.',
  },
] as const satisfies readonly EventColumn[]
