import { type Query, recordOwn } from '@steptrail/core'
import type { Actor, EventInput, JsonInput } from '@steptrail/event'

/** What happened to the catalogue, who did it and why. */
export interface CatalogChange {
  readonly eventType: `workflow.catalog.${'registered' | 'disabled' | 'enabled' | 'deprecated'}`
  readonly actor: Actor
  readonly reason: string | null
  readonly tenant: string
  readonly resource: { readonly type: 'workflow_catalog' | 'workflow_action_type'; readonly id: string }
  readonly workflow: { readonly workflowName: string; readonly version: string } | null
  readonly before: object | null
  readonly after: object | null
  readonly contentHash: string
}

const eventsAtOnce = 1_000

/** Puts changes of the catalogue on record, in the transaction that makes them. */
export async function recordCatalogChanges(tx: Query, changes: readonly CatalogChange[]): Promise<void> {
  for (let start = 0; start < changes.length; start += eventsAtOnce)
    await recordOwn(tx, changes.slice(start, start + eventsAtOnce).map(eventOf))
}

const eventOf = (change: CatalogChange): EventInput => ({
  eventType: change.eventType,
  status: 'SUCCESS',
  tenant: change.tenant,
  actorType: change.actor.type,
  actorId: change.actor.id,
  reason: change.reason,
  resourceType: change.resource.type,
  resourceId: change.resource.id,
  action: change.eventType.slice('workflow.catalog.'.length),
  workflowName: change.workflow?.workflowName ?? null,
  workflowVersion: change.workflow?.version ?? null,
  details: {
    before: change.before as JsonInput,
    after: change.after as JsonInput,
    contentHash: change.contentHash,
  },
})
