import type { EventFilter } from '@steptrail/core'
import type { EntityType, OperationType, Outcome, Severity } from '@steptrail/event'

/** The filters of a query of the API, by its parameters. */
export interface FilterParameters {
  readonly operation_type?: string | undefined
  readonly result?: Outcome | undefined
  readonly source?: string | undefined
  readonly operation?: OperationType | undefined
  readonly event_type?: string | undefined
  readonly entity_type?: EntityType | undefined
  readonly execution_id?: string | undefined
  readonly workflow_name?: string | undefined
  readonly step_name?: string | undefined
  readonly correlation_id?: string | undefined
  readonly actor?: string | undefined
  readonly severity?: Severity | undefined
  readonly tenant?: string | undefined
  readonly q?: string | undefined
}

/** The same as the library names them. */
export const eventFilterOf = (given: FilterParameters): EventFilter => ({
  action: given.operation_type,
  result: given.result,
  source: given.source,
  operation: given.operation,
  eventType: given.event_type,
  entityType: given.entity_type,
  executionId: given.execution_id,
  workflowName: given.workflow_name,
  stepName: given.step_name,
  correlationId: given.correlation_id,
  actor: given.actor,
  severity: given.severity,
  tenant: given.tenant,
  q: given.q,
})
