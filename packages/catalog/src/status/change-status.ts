import type { Database } from '@steptrail/core'
import { type Actor, actorProblem, isUuid, reasonProblem, TrailError } from '@steptrail/event'
import type { CatalogStatus } from '@steptrail/workflow'
import { activate } from './activate.ts'
import { recordCatalogChanges } from './record-catalog-change.ts'

/** What an operator may do to a workflow on offer. */
export const statusActions = ['enable', 'disable', 'deprecate'] as const
/** See `statusActions`. */
export type StatusAction = (typeof statusActions)[number]

/** Who changes it, and why: both stay on record. */
export interface StatusChangedBy {
  readonly actor: Actor
  readonly reason: string
  /** Whose catalogue. Default `default`. */
  readonly tenant?: string | undefined
}

/** What a workflow is after the change. */
export interface ChangedStatus {
  readonly workflowId: string
  readonly workflowName: string
  readonly version: string
  readonly status: CatalogStatus
  readonly disabledReason: string | null
  /** The versions that are no longer offered for it. */
  readonly superseded: readonly string[]
}

const statusOf = { enable: 'active', disable: 'disabled', deprecate: 'deprecated' } as const
const eventTypeOf = {
  enable: 'workflow.catalog.enabled',
  disable: 'workflow.catalog.disabled',
  deprecate: 'workflow.catalog.deprecated',
} as const

/**
 * Offers a version, or offers it no more. To enable one takes the place of the version that is offered. What is so already
 * stays as it is, and nothing is recorded.
 *
 * @throws TrailError `catalog_entry_not_found`; `reason_required`
 */
export async function changeStatus(
  database: Pick<Database, 'transaction'>,
  { workflowId, action }: { readonly workflowId: string; readonly action: StatusAction },
  by: StatusChangedBy,
): Promise<ChangedStatus> {
  requireGiven(by)
  const { tenant = 'default', actor, reason } = by
  return await database.transaction(async (tx) => {
    await tx('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`steptrail catalog ${tenant}`])
    const { rows } = await tx<StatusRow>(selectStatus, [tenant, isUuid(workflowId) ? workflowId : null])
    const [row] = rows
    if (!row) throw entryNotFound(workflowId)
    const { workflowName, version } = row
    const status = statusOf[action]
    const disabledReason = status === 'active' ? null : reason
    if (row.status === status)
      return { ...idOf(row), status, disabledReason: row.disabledReason, superseded: [] }
    const replaced =
      status === 'active' ? await activate(tx, { tenant, actor, reason }, [row.workflowId]) : null
    if (status !== 'active') await tx(updateStatus, [tenant, row.workflowId, status, reason])
    await recordCatalogChanges(tx, [
      {
        eventType: eventTypeOf[action],
        actor,
        reason,
        tenant,
        resource: { type: 'workflow_catalog', id: row.workflowId },
        workflow: { workflowName, version },
        before: { status: row.status, disabledReason: row.disabledReason },
        after: { status, disabledReason },
        contentHash: row.contentHash,
      },
    ])
    return { ...idOf(row), status, disabledReason, superseded: replaced?.get(row.workflowId) ?? [] }
  })
}

/** The error for an id that is none of the catalogue. For operators: agents are told nothing of the kind. */
export const entryNotFound = (workflowId: string): TrailError =>
  new TrailError(
    'catalog_entry_not_found',
    `the catalogue has no workflow ${JSON.stringify(workflowId.slice(0, 80))}: look at what it has with \`steptrail catalog list\``,
    { details: { workflowId } },
  )

function requireGiven({ actor, reason }: StatusChangedBy): void {
  const problem = actorProblem(actor) ?? reasonProblem(reason)
  if (problem === null) return
  throw new TrailError('reason_required', `the order is refused: ${problem}. Nothing was changed.`, {
    details: { actor, reason },
  })
}

interface StatusRow {
  readonly workflowId: string
  readonly workflowName: string
  readonly version: string
  readonly status: CatalogStatus
  readonly disabledReason: string | null
  readonly contentHash: string
}

const idOf = ({ workflowId, workflowName, version }: StatusRow) => ({ workflowId, workflowName, version })

const selectStatus = `
select
  workflow_id as "workflowId",
  workflow_name as "workflowName",
  version,
  status,
  disabled_reason as "disabledReason",
  content_hash as "contentHash"
from workflow_catalog
where tenant = $1
  and workflow_id = $2::uuid`

const updateStatus = `
update workflow_catalog
set status = $3,
    disabled_reason = $4,
    status_changed_at = date_trunc('milliseconds', clock_timestamp())
where tenant = $1
  and workflow_id = $2`
