import type { Reader } from '@steptrail/core'
import { isUuid } from '@steptrail/event'
import type { Json } from '@steptrail/verify'
import type { ActionType } from '../content/content-schema.ts'
import type { ParameterSchema } from '../content/parameter-schema.ts'
import type { CatalogStatus } from '@steptrail/workflow'
import { workflowColumns, workflowsOfTenant, type WorkflowRow } from '../snapshot/workflow-row.ts'
import { entryNotFound } from '../status/change-status.ts'
import { type CatalogEntrySummary, withMetrics } from './list-catalog.ts'

/** One version of a workflow in the history of its versions. */
export interface CatalogVersion {
  readonly workflowId: string
  readonly version: string
  readonly status: CatalogStatus
  readonly disabledReason: string | null
  readonly registeredAt: string
  readonly versionNotes: string | null
}

/** All there is to know of a workflow of the catalogue. */
export interface CatalogEntry extends CatalogEntrySummary {
  readonly parameters: ParameterSchema
  readonly definition: Json
  readonly action: ActionType
  /** Every version of the workflow, the one registered last first. */
  readonly versions: readonly CatalogVersion[]
}

/** One workflow of a catalogue, whether offered or not. Throws `catalog_entry_not_found`. */
export async function getEntry(reader: Reader, workflowId: string, tenant: string): Promise<CatalogEntry> {
  const values = [tenant, isUuid(workflowId) ? workflowId : null]
  const { rows } = await reader.query<EntryRow>(selectEntry, values)
  const [entry] = await withMetrics(reader, rows, tenant)
  if (!entry) throw entryNotFound(workflowId)
  const { rows: versions } = await reader.query<CatalogVersion>(selectVersions, [tenant, entry.workflowName])
  return { ...entry, versions }
}

/** Action types of a catalogue, by name. */
export async function listActionTypes(
  { query }: Reader,
  tenant: string,
): Promise<readonly CountedActionType[]> {
  const { rows } = await query<CountedActionType>(selectActionTypes, [tenant])
  return rows
}

/** An action type, with the number of its workflows that are offered somewhere. */
export interface CountedActionType extends ActionType {
  readonly activeWorkflows: number
}

type EntryRow = WorkflowRow & Pick<CatalogEntry, 'parameters' | 'definition' | 'action'>

const selectEntry = `
select
  ${workflowColumns.trim()},
  workflow.parameters,
  workflow.definition,
  json_build_object(
    'actionType', action.action_type,
    'what', action.what,
    'whenToUse', action.when_to_use,
    'whenNotToUse', action.when_not_to_use,
    'preconditions', action.preconditions,
    'status', action.status
  ) as action
${workflowsOfTenant}
  and workflow.workflow_id = $2::uuid`

const selectVersions = `
select
  workflow_id as "workflowId",
  version,
  status,
  disabled_reason as "disabledReason",
  registered_at as "registeredAt",
  version_notes as "versionNotes"
from workflow_catalog
where tenant = $1
  and workflow_name = $2
order by registered_at desc, workflow_id desc`

const selectActionTypes = `
select
  action.action_type as "actionType",
  action.what,
  action.when_to_use as "whenToUse",
  action.when_not_to_use as "whenNotToUse",
  action.preconditions,
  action.status,
  (
    select count(*)
    from workflow_catalog as workflow
    where workflow.tenant = action.tenant
      and workflow.action_type = action.action_type
      and workflow.status = 'active'
  ) as "activeWorkflows"
from workflow_action_types as action
where action.tenant = $1
order by action.action_type collate "C"`
