import type { Reader } from '@steptrail/core'
import { TrailError } from '@steptrail/event'
import type { ParameterSchema } from '../content/parameter-schema.ts'
import { reasonsLeftOut, type Situation } from '../match/match-workflow.ts'
import { sentencesOf } from '../match/reason-sentence.ts'
import type { CatalogSnapshot } from '../snapshot/catalog-snapshot.ts'
import type { CatalogWorkflow } from '../snapshot/catalog-workflow.ts'

/** What the security gate found. */
export type Gate =
  | {
      readonly passes: true
      readonly workflow: CatalogWorkflow
      readonly parameters: ParameterSchema
      readonly reason: null
    }
  | { readonly passes: false; readonly workflow: null; readonly reason: string }
  | {
      readonly passes: false
      readonly workflow: CatalogWorkflow
      readonly parameters: ParameterSchema
      readonly reason: string
    }

/** A workflow that somebody would use, and where. */
export interface WantedWorkflow {
  readonly workflowId: string
  readonly situation: Situation
  readonly snapshot: CatalogSnapshot
  readonly reader: Reader
  readonly tenant: string
}

/** Whether the workflow may be used. The parameters are read in any case, so that the time of an answer tells nothing. */
export async function securityGate({
  workflowId,
  situation,
  snapshot,
  reader,
  tenant,
}: WantedWorkflow): Promise<Gate> {
  const workflow = snapshot.byId.get(workflowId.toLowerCase())
  const values = [tenant, workflow?.workflowId ?? null]
  const { rows } = await reader.query<{ parameters: ParameterSchema }>(selectParameters, values)
  const parameters = rows[0]?.parameters
  if (!workflow || !parameters)
    return { passes: false, workflow: null, reason: 'There is no workflow of this id in the catalogue.' }
  const reasons = reasonsLeftOut(workflow, situation)
  if (reasons.length === 0) return { passes: true, workflow, parameters, reason: null }
  return { passes: false, workflow, parameters, reason: sentencesOf(reasons) }
}

/** One error for all: who looks for what it may not use learns nothing. */
export const notAvailable = (): TrailError =>
  new TrailError('workflow_not_available', 'there is no such workflow for this situation', {
    details: { instance: '/api/v1/workflows/{workflow_id}' },
  })

const selectParameters = {
  name: 'catalog parameters',
  text: `
select parameters
from workflow_catalog
where tenant = $1
  and workflow_id = $2::uuid`,
}
