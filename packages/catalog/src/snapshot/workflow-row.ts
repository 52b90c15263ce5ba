import { ofEachGateLabel } from '../content/gate-labels.ts'
import { folded } from '../content/label-text.ts'
import type { CatalogWorkflow, FoldedLabels } from './catalog-workflow.ts'

/** The columns of a `CatalogWorkflow`, of `workflow_catalog as workflow` and `workflow_action_types as action`. */
export const workflowColumns = `
  workflow.workflow_id as "workflowId",
  workflow.workflow_name as "workflowName",
  workflow.version,
  workflow.action_type as "actionType",
  action.status = 'active' as "actionTypeIsActive",
  workflow.title,
  workflow.description,
  workflow.labels,
  workflow.custom_labels as "customLabels",
  workflow.detected_labels as "detectedLabels",
  workflow.owner,
  workflow.maintainer,
  workflow.status,
  workflow.disabled_reason as "disabledReason",
  workflow.previous_version as "previousVersion",
  workflow.version_notes as "versionNotes",
  workflow.approved_by as "approvedBy",
  workflow.approved_at as "approvedAt",
  workflow.expected_success_rate as "expectedSuccessRate",
  workflow.content_hash as "contentHash",
  workflow.registered_at as "registeredAt",
  workflow.status_changed_at as "statusChangedAt"`

/** Where these columns come from, of the tenant `$1`. */
export const workflowsOfTenant = `from workflow_catalog as workflow
join workflow_action_types as action
  on action.tenant = workflow.tenant
 and action.action_type = workflow.action_type
where workflow.tenant = $1`

/** A row with these columns. */
export type WorkflowRow = Omit<CatalogWorkflow, 'folded'>

/** The workflow of a row. */
export const workflowOf = (row: WorkflowRow): CatalogWorkflow => ({ ...row, folded: foldedLabels(row) })

function foldedLabels({ labels, customLabels, detectedLabels }: WorkflowRow): FoldedLabels {
  return {
    labels: ofEachGateLabel((label) => new Set(labels[label].map(folded))),
    custom: new Map(
      Object.entries(customLabels).map(([name, values]) => [folded(name), new Set(values.map(folded))]),
    ),
    detected: new Map(Object.entries(detectedLabels).map(([name, value]) => [folded(name), value])),
  }
}
