import type { AuditEvent } from '@steptrail/event'

/** What a timeline reads of an event: of the record as well as of its JSON form. */
export interface TimelineEvent extends Pick<
  AuditEvent,
  | 'timestamp'
  | 'eventType'
  | 'status'
  | 'severity'
  | 'serviceName'
  | 'executionId'
  | 'executionSeq'
  | 'workflowName'
  | 'workflowVersion'
  | 'stepName'
  | 'operationType'
  | 'durationMs'
  | 'retryCount'
  | 'correlationId'
  | 'action'
  | 'reason'
  | 'message'
> {
  readonly resourceId?: string | null
  readonly details: Readonly<Record<string, unknown>> | null
}
