import type { Reader } from '@steptrail/core'
import { gateLabels } from '@steptrail/workflow'
import type { ActionType } from '../content/content-schema.ts'
import { builtInWeights, type VersionedWeights, weightsSchema } from '../score/weights.ts'
import type { CatalogWorkflow } from './catalog-workflow.ts'
import { workflowColumns, workflowsOfTenant, type WorkflowRow, workflowOf } from './workflow-row.ts'

/** A catalogue as it was at one revision, in memory. */
export interface CatalogSnapshot {
  readonly revision: number
  /** By name, in the order of their names. */
  readonly actionTypes: ReadonlyMap<string, ActionType>
  readonly workflows: readonly CatalogWorkflow[]
  readonly byId: ReadonlyMap<string, CatalogWorkflow>
  readonly byActionType: ReadonlyMap<string, readonly CatalogWorkflow[]>
  readonly weights: VersionedWeights
  /** Active workflows by what they are for: all of one group fit the same situations. */
  readonly groups: readonly WorkflowGroup[]
}

/** Workflows with the same labels. */
export interface WorkflowGroup {
  /** One of them, for all. */
  readonly workflow: CatalogWorkflow
  /** How many there are, by action type. */
  readonly counts: ReadonlyMap<string, number>
}

/** The active workflows, so that each set of labels is matched once, however many have it. */
export function groupsOf(workflows: readonly CatalogWorkflow[]): readonly WorkflowGroup[] {
  const active = workflows.filter(
    ({ status, actionTypeIsActive }) => status === 'active' && actionTypeIsActive,
  )
  const grouped = Map.groupBy(active, ({ folded: { labels } }) =>
    JSON.stringify(gateLabels.map((label) => [...labels[label]].toSorted())),
  )
  return [...grouped.values()].flatMap((group) => {
    const counts = new Map<string, number>()
    for (const { actionType } of group) counts.set(actionType, (counts.get(actionType) ?? 0) + 1)
    return group[0] ? [{ workflow: group[0], counts }] : []
  })
}

/** Tenants whose catalogues are kept in memory at a time. */
const mostTenants = 32

/**
 * Catalogues in memory. What is given out is never older than the moment of the call: each call reads the revision, which
 * the database counts with every change, and reads the catalogue anew when it is another.
 */
export class CatalogSnapshots {
  readonly #kept = new Map<string, Promise<CatalogSnapshot>>()

  /** The catalogue of a tenant as it is now. */
  async of(reader: Reader, tenant: string): Promise<CatalogSnapshot> {
    const revision = await revisionOf(reader, tenant)
    for (;;) {
      const kept = this.#kept.get(tenant)
      // A read that failed is told to who waited for it; here it only means that there is nothing to take.
      const known = await kept?.catch(() => undefined)
      if (known?.revision === revision) return known
      if (this.#kept.get(tenant) === kept) break
    }
    const read = readSnapshot(reader, tenant, revision)
    this.#keep(tenant, read)
    return await read
  }

  #keep(tenant: string, read: Promise<CatalogSnapshot>): void {
    this.#kept.delete(tenant)
    this.#kept.set(tenant, read)
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > mostTenants && oldest !== undefined) this.#kept.delete(oldest)
  }
}

/** The catalogue of a tenant as it is, for who asks once. */
export const readCatalog = (reader: Reader, tenant: string): Promise<CatalogSnapshot> =>
  new CatalogSnapshots().of(reader, tenant)

async function revisionOf({ query }: Reader, tenant: string): Promise<number> {
  const { rows } = await query<{ revision: number }>(selectRevision, [tenant])
  return rows[0]?.revision ?? 0
}

/** Read after its revision, so that it is at least as new; what is newer is read again with the next call. */
async function readSnapshot({ query }: Reader, tenant: string, revision: number): Promise<CatalogSnapshot> {
  const { rows: actionTypes } = await query<ActionType>(selectActionTypes, [tenant])
  const { rows } = await query<WorkflowRow>(selectWorkflows, [tenant])
  const { rows: weights } = await query<WeightsRow>(selectWeights, [tenant])
  const workflows = rows.map(workflowOf)
  return {
    revision,
    actionTypes: new Map(actionTypes.map((action) => [action.actionType, action])),
    workflows,
    groups: groupsOf(workflows),
    byId: new Map(workflows.map((workflow) => [workflow.workflowId, workflow])),
    byActionType: Map.groupBy(workflows, ({ actionType }) => actionType),
    weights: weights[0]
      ? { version: weights[0].weights_version, weights: weightsSchema.parse(weights[0].weights) }
      : builtInWeights,
  }
}

interface WeightsRow {
  readonly weights_version: number
  readonly weights: unknown
}

const selectRevision = {
  name: 'catalog revision',
  text: `
select revision
from workflow_catalog_revision
where tenant = $1`,
}

const selectActionTypes = `
select
  action_type as "actionType",
  what,
  when_to_use as "whenToUse",
  when_not_to_use as "whenNotToUse",
  preconditions,
  status
from workflow_action_types
where tenant = $1
order by action_type collate "C"`

const selectWorkflows = `
select ${workflowColumns}
${workflowsOfTenant}
order by workflow.workflow_id`

const selectWeights = `
select weights_version, weights
from workflow_catalog_weights
where tenant = $1
order by weights_version desc
limit 1`
