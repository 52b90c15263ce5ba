import type { Actor, EventInput, JsonInput } from '@steptrail/event'
import type { CatalogWorkflow } from '../snapshot/catalog-workflow.ts'

/** Who asks, and whose catalogue it is. */
export interface Caller {
  /** Who asks on record; null where nobody is asked who they are. */
  readonly actor: Actor | null
  readonly tenant: string
}

/** One call, as its event tells of it. */
export interface AnsweredCall {
  readonly operation: 'actions_listed' | 'workflows_listed' | 'workflow_retrieved' | 'selection_validated'
  readonly succeeded: boolean
  readonly remediationId: string
  /** The workflow that it is about, if there is one. */
  readonly workflow?: CatalogWorkflow | null | undefined
  /** The id or the name of what was asked for. */
  readonly resourceId: string
  readonly reason?: string | null | undefined
  readonly durationMs: number
  readonly payload: Readonly<Record<string, JsonInput>>
}

/** The event of a call: the whole envelope of the seed as its details. */
export const selectionEvent = (call: AnsweredCall, caller: Caller, service: string): EventInput => ({
  eventType: `workflow.catalog.${call.operation}`,
  status: call.succeeded ? 'SUCCESS' : 'FAILED',
  severity: call.succeeded ? 'info' : 'warning',
  serviceName: service,
  correlationId: call.remediationId,
  tenant: caller.tenant,
  actorType: caller.actor?.type ?? null,
  actorId: caller.actor?.id ?? null,
  resourceType: 'workflow_catalog',
  resourceId: call.resourceId,
  action: call.operation,
  workflowName: call.workflow?.workflowName ?? null,
  workflowVersion: call.workflow?.version ?? null,
  durationMs: call.durationMs,
  reason: call.reason ?? null,
  details: {
    version: '1.0',
    service,
    operation: call.operation,
    status: call.succeeded ? 'success' : 'failure',
    payload: { remediationId: call.remediationId, ...call.payload, queryDurationMs: call.durationMs },
  },
})
