import { sha256 } from '@steptrail/core'
import type { JsonInput } from '@steptrail/event'
import { canonicalJson, type Json } from '@steptrail/verify'
import { recordedContext, type SignalContext } from '../match/signal-context.ts'
import type { CatalogWorkflow } from '../snapshot/catalog-workflow.ts'
import { type Pagination, paginationJson } from './answers.ts'
import { type Candidates, candidatesJson, type Ranked } from './candidates.ts'
import type { Gate } from './security-gate.ts'
import { parameterNames, type ParameterValidation } from './validate-parameters.ts'

type Payload = Readonly<Record<string, JsonInput>>

/** What the event of step 1 says. */
export const actionsPayload = (
  context: SignalContext,
  page: readonly { readonly actionType: string }[],
  pagination: Pagination,
): Payload => ({
  signalContext: recordedContext(context),
  resultCount: page.length,
  actionTypes: page.map(({ actionType }) => actionType),
  pagination: paginationJson(pagination),
})

/** A page of step 2, and what was considered for it. */
export interface ListedWorkflows {
  readonly page: readonly Ranked[]
  readonly pagination: Pagination
  readonly candidates: Candidates
  readonly weightsVersion: number
}

/** What the event of step 2 says: the page with its scores, and every workflow that was considered. */
export const workflowsPayload = (
  actionType: string,
  context: SignalContext,
  { page, pagination, candidates, weightsVersion }: ListedWorkflows,
): Payload => ({
  actionType,
  signalContext: recordedContext(context),
  resultCount: page.length,
  workflows: page.map(({ workflow: { workflowId, workflowName, version }, scoring }) => ({
    workflowId,
    workflowName,
    version,
    finalScore: scoring.confidence,
  })),
  pagination: paginationJson(pagination),
  ...candidatesJson(candidates),
  weightsVersion,
})

/** What the event of step 3 says. */
export const retrievedPayload = (workflowId: string, context: SignalContext, gate: Gate): Payload => ({
  ...identityOf(workflowId, gate.workflow),
  ...gateJson(context, gate),
  parameterCount: gate.workflow ? parameterNames(gate.parameters).length : null,
})

/** What was chosen, and what came of the check. */
export interface CheckedSelection {
  readonly workflowId: string
  readonly context: SignalContext
  readonly parameters: Readonly<Record<string, Json>>
  /** Null where the gate did not let it pass. */
  readonly validation: ParameterValidation | null
}

/** Whether parameters were checked and nothing is wrong with them. */
export const isValid = (validation: ParameterValidation | null): boolean =>
  validation !== null && validation.validationErrors.length === 0

/** What the event of step 4 says; of the parameters their digest, by which what is executed is told to be what was chosen. */
export const validatedPayload = (
  { workflowId, context, parameters, validation }: CheckedSelection,
  gate: Gate,
): Payload => ({
  ...identityOf(workflowId, gate.workflow),
  ...gateJson(context, gate),
  validationResult: isValid(validation) ? 'valid' : 'invalid',
  parameterValidation: validation && {
    ...validation,
    validationErrors: validation.validationErrors.map((error) => ({ ...error })),
  },
  parametersDigest: gate.passes ? sha256(canonicalJson(parameters)) : null,
})

const gateJson = (context: SignalContext, gate: Gate) => ({
  securityGateResult: gate.passes ? 'pass' : 'fail',
  signalContext: recordedContext(context),
  contentHash: gate.workflow?.contentHash ?? null,
})

/** The workflow as events name it: of an id that does not exist, nothing but the id is known. */
const identityOf = (workflowId: string, workflow: CatalogWorkflow | null) => ({
  workflowId: workflow?.workflowId ?? workflowId,
  workflowName: workflow?.workflowName ?? null,
  actionType: workflow?.actionType ?? null,
  version: workflow?.version ?? null,
})
