import type { z } from 'zod'
import type { Connection } from '../connection/connection.ts'
import {
  type ActionTypeList,
  actionTypeListSchema,
  type CatalogAction,
  type CatalogEntry,
  catalogEntrySchema,
  type CatalogList,
  type CatalogListQuery,
  catalogListSchema,
  type CatalogStatus,
  catalogStatusSchema,
  type NewScoreWeights,
  type Registered,
  registeredSchema,
  type registrationSchema,
  type Scores,
  scoresSchema,
  type ScoreWeights,
  type SelectionList,
  type SelectionListQuery,
  selectionListSchema,
  type SelectionReplay,
  selectionReplaySchema,
  type SignalContext,
  weightsSchema,
  type WhyNot,
  whyNotSchema,
} from '../messages/index.ts'
import { itemsOf } from './pages.ts'
import type { RepeatableRequestOptions, RequestOptions } from './request-options.ts'
import { contextQuery } from './signal-context-query.ts'

/** What may be asked of lists of the catalogue: the parameters of the API under their own names. */
export interface CatalogQuery extends Omit<CatalogListQuery, 'limit'> {
  /** Workflows on a page, 1 to 1,000; 100 unless given. */
  readonly limit?: number | undefined
}

/** What may be asked of lists of selections: the parameters of the API under their own names. */
export interface SelectionQuery extends Omit<SelectionListQuery, 'limit'> {
  /** Selections on a page, 1 to 1,000; 100 unless given. */
  readonly limit?: number | undefined
}

/** A situation, and of what to show how it stands in it. */
export interface ScoresQuery {
  readonly actionType?: string | undefined
  readonly context: SignalContext
  /** Workflows at most, 1 to 1,000; 100 unless given. */
  readonly limit?: number | undefined
}

const base = '/api/v1/catalog'

/** The catalogue over HTTP, for operators. Each method rejects with a `TrailError` that has the code of the server's problem. */
export class CatalogApi {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** Every action type, by name. */
  actionTypes(options: RequestOptions = {}): Promise<ActionTypeList> {
    return this.#get(`${base}/action-types`, actionTypeListSchema, options)
  }

  /** One page of workflows, by name. */
  list(query: CatalogQuery = {}, options: RequestOptions = {}): Promise<CatalogList> {
    return this.#get(`${base}/workflows`, catalogListSchema, { ...options, query })
  }

  /** Every workflow that matches, page after page. */
  all(query: Omit<CatalogQuery, 'cursor'> = {}, options: RequestOptions = {}) {
    return itemsOf(async (cursor) => {
      const page = await this.list({ ...query, cursor }, options)
      return { items: page.workflows, nextCursor: page.next_cursor }
    })
  }

  /** One workflow, whole, with its versions and how its executions went. */
  get(workflowId: string, options: RequestOptions = {}): Promise<CatalogEntry> {
    return this.#get(pathOf(workflowId), catalogEntrySchema, options)
  }

  /** Registers action types and workflows, all of them or none. */
  register(
    entries: z.input<typeof registrationSchema>,
    options: RepeatableRequestOptions = {},
  ): Promise<Registered> {
    return this.#post(`${base}/workflows`, registeredSchema, { ...options, body: entries })
  }

  /** Offers a workflow, or offers it no more. */
  act(
    workflowId: string,
    order: CatalogAction,
    options: RepeatableRequestOptions = {},
  ): Promise<CatalogStatus> {
    return this.#post(`${pathOf(workflowId)}/actions`, catalogStatusSchema, { ...options, body: order })
  }

  /** Why a workflow was not selected in a remediation, or would not be in a situation. */
  whyNot(
    workflowId: string,
    about: { readonly remediationId: string } | { readonly context: SignalContext },
    options: RequestOptions = {},
  ): Promise<WhyNot> {
    const query = 'remediationId' in about ? { ...about } : contextQuery(about.context)
    return this.#get(`${pathOf(workflowId)}/why-not`, whyNotSchema, { ...options, query })
  }

  /** How workflows stand in a situation, with their scores. */
  scores({ actionType, context, limit }: ScoresQuery, options: RequestOptions = {}): Promise<Scores> {
    const query = { action_type: actionType, ...contextQuery(context), limit }
    return this.#get(`${base}/scores`, scoresSchema, { ...options, query })
  }

  /** One page of selections, the one that began last first. */
  selections(query: SelectionQuery = {}, options: RequestOptions = {}): Promise<SelectionList> {
    return this.#get(`${base}/selections`, selectionListSchema, { ...options, query })
  }

  /** The whole story of a selection. */
  replay(remediationId: string, options: RequestOptions = {}): Promise<SelectionReplay> {
    return this.#get(
      `${base}/selections/${encodeURIComponent(remediationId)}`,
      selectionReplaySchema,
      options,
    )
  }

  /** What labels weigh in the score. */
  weights(options: RequestOptions = {}): Promise<ScoreWeights> {
    return this.#get(`${base}/weights`, weightsSchema, options)
  }

  /** Sets what labels weigh, under the next version. */
  setWeights(weights: NewScoreWeights, options: RepeatableRequestOptions = {}): Promise<ScoreWeights> {
    return this.#post(`${base}/weights`, weightsSchema, { ...options, body: weights })
  }

  #get<Schema extends z.ZodType>(
    path: string,
    schema: Schema,
    { query, signal }: RequestOptions & { readonly query?: object },
  ): Promise<z.output<Schema>> {
    return this.#connection.json({ method: 'GET', path, query: { ...query }, signal }, schema)
  }

  #post<Schema extends z.ZodType>(
    path: string,
    schema: Schema,
    { body, idempotencyKey, signal }: RepeatableRequestOptions & { readonly body: object },
  ): Promise<z.output<Schema>> {
    return this.#connection.json(
      { method: 'POST', path, body: JSON.stringify(body), idempotencyKey, signal },
      schema,
    )
  }
}

const pathOf = (workflowId: string): string => `${base}/workflows/${encodeURIComponent(workflowId)}`
