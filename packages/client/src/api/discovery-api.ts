import type { z } from 'zod'
import type { Connection } from '../connection/connection.ts'
import {
  type OfferedActions,
  offeredActionsSchema,
  type OfferedWorkflow,
  type OfferedWorkflows,
  offeredWorkflowSchema,
  offeredWorkflowsSchema,
  type SelectionToValidate,
  type SignalContext,
  type ValidatedSelection,
  validatedSelectionSchema,
} from '../messages/index.ts'
import type { RequestOptions } from './request-options.ts'
import { contextQuery } from './signal-context-query.ts'

/** For which remediation a workflow is looked for, and in which situation. */
export interface DiscoveryQuery {
  readonly remediationId: string
  readonly context: SignalContext
}

/** The same, of a list: which part of it. */
export interface DiscoveryListQuery extends DiscoveryQuery {
  /** Items to skip. */
  readonly offset?: number | undefined
  /** Items on a page, 1 to 100; 10 unless given. */
  readonly limit?: number | undefined
}

/** From a situation to a workflow, over HTTP. Each call leaves one event on the server, and no answer holds a score. */
export class DiscoveryApi {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** Step 1: what can be done in the situation. */
  listActions(query: DiscoveryListQuery, options: RequestOptions = {}): Promise<OfferedActions> {
    return this.#get('/api/v1/workflows/actions', offeredActionsSchema, { ...options, query })
  }

  /** Step 2: the workflows that do it, the one that fits best first. */
  listWorkflows(
    { actionType, ...query }: DiscoveryListQuery & { readonly actionType: string },
    options: RequestOptions = {},
  ): Promise<OfferedWorkflows> {
    const path = `/api/v1/workflows/actions/${encodeURIComponent(actionType)}`
    return this.#get(path, offeredWorkflowsSchema, { ...options, query })
  }

  /** Step 3: one workflow with its parameters; `workflow_not_available` for one that is not for the situation. */
  getWorkflow(
    { workflowId, ...query }: DiscoveryQuery & { readonly workflowId: string },
    options: RequestOptions = {},
  ): Promise<OfferedWorkflow> {
    return this.#get(pathOf(workflowId), offeredWorkflowSchema, { ...options, query })
  }

  /** Step 4: whether it may be executed with these parameters. */
  validateSelection(
    {
      workflowId,
      context,
      ...others
    }: DiscoveryQuery & {
      readonly workflowId: string
      readonly parameters: SelectionToValidate['parameters']
    },
    { signal }: RequestOptions = {},
  ): Promise<ValidatedSelection> {
    const body = JSON.stringify({ ...others, ...context })
    const path = `${pathOf(workflowId)}/validate`
    return this.#connection.json({ method: 'POST', path, body, signal }, validatedSelectionSchema)
  }

  #get<Schema extends z.ZodType>(
    path: string,
    schema: Schema,
    { query: { context, ...others }, signal }: RequestOptions & { readonly query: DiscoveryListQuery },
  ): Promise<z.output<Schema>> {
    const query = { ...others, ...contextQuery(context) }
    return this.#connection.json({ method: 'GET', path, query, leavesEvent: true, signal }, schema)
  }
}

const pathOf = (workflowId: string): string => `/api/v1/workflows/${encodeURIComponent(workflowId)}`
