import { insertEvents, type Query } from '@steptrail/core'
import {
  type Actor,
  createEventCatalogue,
  defaultRedaction,
  type JsonInput,
  prepareEvent,
} from '@steptrail/event'

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

const catalogue = createEventCatalogue()
const eventsAtOnce = 1_000

/** Puts changes of the catalogue on record, in the transaction that makes them. */
export async function recordCatalogChanges(tx: Query, changes: readonly CatalogChange[]): Promise<void> {
  if (changes.length === 0) return
  const { rows } = await tx<{ now: number }>(
    'select floor(extract(epoch from clock_timestamp()) * 1000)::bigint as now',
  )
  const now = rows[0]?.now ?? Date.now()
  const environment = { clock: { now: () => now }, catalogue, redaction: defaultRedaction }
  for (let start = 0; start < changes.length; start += eventsAtOnce) {
    const events = changes.slice(start, start + eventsAtOnce)
    await insertEvents(
      tx,
      events.map((change) => prepareEvent(eventOf(change), environment).event),
    )
  }
}

const eventOf = (change: CatalogChange) => ({
  eventType: change.eventType,
  status: 'SUCCESS' as const,
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
