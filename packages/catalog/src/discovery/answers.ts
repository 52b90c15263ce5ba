import type { Json } from '@steptrail/verify'
import type { ParameterSchema } from '../content/parameter-schema.ts'
import { isWithoutContext, type SignalContext } from '../match/signal-context.ts'
import type { CatalogWorkflow } from '../snapshot/catalog-workflow.ts'
import type { ParameterValidation } from './validate-parameters.ts'

/** Which part of a list this is. */
export interface Pagination {
  readonly offset: number
  readonly limit: number
  readonly totalCount: number
  readonly hasMore: boolean
}

/** An action type that is on offer. */
export interface OfferedAction {
  readonly actionType: string
  readonly what: string
  readonly whenToUse: string
  readonly whenNotToUse: string
  readonly preconditions: string
  /** How many workflows do it in this situation. */
  readonly workflowCount: number
}

/** The answer of step 1. */
export interface ActionList {
  readonly remediationId: string
  readonly actionTypes: readonly OfferedAction[]
  readonly pagination: Pagination
  /** Why nothing is offered, where the caller can do something about it; else null. */
  readonly note: string | null
}

/** A workflow that is on offer. */
export interface OfferedWorkflow {
  readonly workflowId: string
  readonly workflowName: string
  readonly version: string
  readonly title: string
  readonly description: string
}

/** The answer of step 2: the one that fits best first. */
export interface WorkflowList {
  readonly remediationId: string
  readonly actionType: string
  readonly workflows: readonly OfferedWorkflow[]
  readonly pagination: Pagination
  /** As in step 1. */
  readonly note: string | null
}

/** The answer of step 3. */
export interface WorkflowDetails extends OfferedWorkflow {
  readonly remediationId: string
  readonly actionType: string
  /** JSON Schema of what is to be given in step 4. */
  readonly parameters: ParameterSchema
}

/** The answer of step 4. */
export interface SelectionValidation {
  readonly remediationId: string
  readonly workflowId: string
  readonly workflowName: string
  readonly actionType: string
  readonly version: string
  readonly validationResult: 'valid' | 'invalid'
  readonly parameterValidation: ParameterValidation
}

/** The part of a list that was asked for, and which part it is. */
export function pageOf<Item>(
  items: readonly Item[],
  { offset, limit }: { readonly offset: number; readonly limit: number },
): { readonly page: readonly Item[]; readonly pagination: Pagination } {
  const page = items.slice(offset, offset + limit)
  const totalCount = items.length
  return { page, pagination: { offset, limit, totalCount, hasMore: offset + page.length < totalCount } }
}

/** The pagination as JSON. */
export const paginationJson = ({
  offset,
  limit,
  totalCount,
  hasMore,
}: Pagination): Readonly<Record<string, Json>> => ({
  offset,
  limit,
  totalCount,
  hasMore,
})

/** A workflow as lists show it to who may use it. */
export const offeredOf = ({ workflowId, workflowName, version, title, description }: CatalogWorkflow) => ({
  workflowId,
  workflowName,
  version,
  title,
  description,
})

/** Which workflow an answer is about. */
export const namedOf = ({ workflowId, workflowName, actionType, version }: CatalogWorkflow) => ({
  workflowId,
  workflowName,
  actionType,
  version,
})

/** What a caller is told that says nothing of the situation. */
export const noteOn = (context: SignalContext): string | null =>
  isWithoutContext(context)
    ? 'Nothing was said of the situation, so nothing fits it: give severity, component, environment and priority.'
    : null
