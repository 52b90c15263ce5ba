import type { Reader } from '@steptrail/core'
import type { AuditEvent } from '@steptrail/event'
import { TrailError } from '@steptrail/event'
import { recordedContext, type SignalContext } from '../match/signal-context.ts'
import type { Scoring } from '../score/score-workflow.ts'
import { contextOf, isStep, payloadOf, selectionEvents, textOf } from '../selection/selection-events.ts'
import type { CatalogSnapshot } from '../snapshot/catalog-snapshot.ts'
import type { CatalogWorkflow } from '../snapshot/catalog-workflow.ts'
import { entryNotFound } from '../status/change-status.ts'
import { explainNow } from './explain-now.ts'
import { explainRecorded, listingOf, reasonsAfterwards } from './explain-recorded.ts'
import type { NamedWorkflow, Reason } from './reason.ts'

/** Which workflow, and in which situation: that of a remediation, or one that is made up. */
export type WhyNotRequest = { readonly workflowId: string } & (
  { readonly remediationId: string } | { readonly context: SignalContext }
)

/** Why a workflow was not selected, or would not be. */
export interface WhyNot {
  readonly workflow: NamedWorkflow & { readonly actionType: string; readonly status: string }
  /** `recorded`: as it was when the agent asked, by the event of that moment. `current`: by the catalogue as it is. */
  readonly basis: 'recorded' | 'current'
  readonly remediationId: string | null
  /** When the agent asked; null where it did not. */
  readonly askedAt: string | null
  readonly context: SignalContext | null
  /** Whether it was, or would be, on the list of its action type. */
  readonly offered: boolean
  /** 1 for the best on that list; null when it is not on it. */
  readonly rank: number | null
  readonly scoring: Scoring | null
  /** What kept it out, or down; empty for the best. */
  readonly reasons: readonly Reason[]
}

/** Where why-not looks. */
export interface WhyNotPlace {
  readonly reader: Reader
  readonly tenant: string
  readonly snapshot: CatalogSnapshot
}

/**
 * Each reason that kept a workflow out, or down. It agrees with discovery: by its record where there is one, else by its
 * code.
 *
 * @throws TrailError `catalog_entry_not_found`; `selection_not_found` for a remediation of which nothing is on record
 */
export async function whyNot(place: WhyNotPlace, request: WhyNotRequest): Promise<WhyNot> {
  const workflow = place.snapshot.byId.get(request.workflowId.toLowerCase())
  if (!workflow) throw entryNotFound(request.workflowId)
  if ('remediationId' in request) return await inRemediation(place, workflow, request.remediationId)
  const { context } = request
  return {
    ...about(workflow),
    basis: 'current',
    remediationId: null,
    askedAt: null,
    context: recordedContext(context),
    ...explainNow(workflow, context, place.snapshot),
  }
}

async function inRemediation(
  { reader, tenant, snapshot }: WhyNotPlace,
  workflow: CatalogWorkflow,
  remediationId: string,
): Promise<WhyNot> {
  const events = await selectionEvents(reader, remediationId, tenant)
  if (events.length === 0) throw selectionNotFound(remediationId)
  const listing = listingOf(events, workflow.actionType)
  const recorded = listing ? explainRecorded(workflow, listing) : null
  const context = (listing ? contextOf(listing) : null) ?? lastContext(events)
  const standing = recorded ?? explainNow(workflow, context ?? {}, snapshot)
  return {
    ...about(workflow),
    basis: recorded ? 'recorded' : 'current',
    remediationId,
    askedAt: (listing ?? events[0])?.timestamp ?? null,
    context,
    ...standing,
    reasons: [
      ...reasonsBefore(workflow, listing, events),
      ...standing.reasons,
      ...(listing ? reasonsAfterwards(workflow, standing.rank, events) : []),
    ],
  }
}

/** Why it was not considered at all. */
function reasonsBefore(
  { actionType, registeredAt }: CatalogWorkflow,
  listing: AuditEvent | undefined,
  events: readonly AuditEvent[],
): readonly Reason[] {
  if (listing) {
    if (registeredAt <= listing.timestamp) return []
    const message = `It was registered at ${registeredAt}, after the agent had asked.`
    return [{ kind: 'registered_later', registeredAt, message }]
  }
  const listed = [
    ...new Set(
      events
        .filter((event) => isStep(event, 'workflows_listed'))
        .map((event) => textOf(payloadOf(event)['actionType'])),
    ),
  ]
  const asked = listed.length > 0 ? `workflows for ${listed.join(', ')}` : 'workflows of no action type'
  const message = `The agent listed ${asked}; this one is for ${actionType}.`
  return [{ kind: 'action_type_not_listed', actionType, listed, message }]
}

const lastContext = (events: readonly AuditEvent[]): SignalContext | null =>
  events.map(contextOf).findLast((context) => context !== null) ?? null

const about = ({ workflowId, workflowName, version, actionType, status }: CatalogWorkflow) => ({
  workflow: { workflowId, workflowName, version, actionType, status },
})

/** The error for a remediation of which nothing is on record. */
export const selectionNotFound = (remediationId: string): TrailError =>
  new TrailError(
    'selection_not_found',
    `nothing is on record of a selection for ${JSON.stringify(remediationId.slice(0, 80))}`,
    { details: { remediationId } },
  )
