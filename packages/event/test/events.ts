import { createEventCatalogue } from '../src/event-catalogue.ts'
import type { PrepareEnvironment } from '../src/prepare-event.ts'
import type { AuditEvent } from '../src/record.ts'
import { defaultRedaction } from '../src/redaction.ts'

/** 2025-11-04T10:00:00.123Z */
export const now = Date.UTC(2025, 10, 4, 10, 0, 0, 123)

/** An environment whose clock stands still and whose ids are all alike. */
export const environment: PrepareEnvironment = {
  clock: { now: () => now },
  catalogue: createEventCatalogue(),
  redaction: defaultRedaction,
  nextId: (timestampMs) => {
    const time = timestampMs.toString(16).padStart(12, '0')
    return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`
  },
}

/** The record of an event that says as little as possible. */
export const leastEvent: AuditEvent = {
  id: '019a4e4f-217b-7000-8000-000000000000',
  timestamp: '2025-11-04T10:00:00.123Z',
  recordedAt: null,
  eventType: 'OPERATION',
  entityType: 'OPERATION',
  status: null,
  severity: 'info',
  serviceName: null,
  executionId: null,
  executionSeq: null,
  workflowName: null,
  workflowVersion: null,
  stepName: null,
  stepId: null,
  operationType: null,
  durationMs: null,
  retryCount: null,
  correlationId: null,
  parentEventId: null,
  traceId: null,
  spanId: null,
  actorType: null,
  actorId: null,
  resourceType: null,
  resourceId: null,
  action: 'config_update',
  reason: null,
  message: null,
  details: null,
  tenant: 'default',
  schemaVersion: 1,
  recorderId: null,
  recorderSeq: null,
  salt: null,
}
