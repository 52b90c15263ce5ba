import type { Actor } from '@steptrail/event'
import type { WorkflowDefinition } from '@steptrail/workflow'
import type { z } from 'zod'
import type { Connection } from '../connection/connection.ts'
import {
  auditListSchema,
  type Execution,
  type ExecutionAction,
  type ExecutionAuditList,
  type ExecutionAuditListQuery,
  type ExecutionList,
  type ExecutionListQuery,
  executionListSchema,
  executionSchema,
  type Started,
  startedSchema,
  type StepAction,
  type StepAuditMessage,
  stepAuditListSchema,
  type StepList,
  stepListSchema,
  type Timeline,
  timelineSchema,
} from '../messages/index.ts'
import { cursorOfLink, itemsOf, type Page } from './pages.ts'
import type { RepeatableRequestOptions, RequestOptions } from './request-options.ts'

/** What may be asked of lists of executions: the parameters of the API under their own names. */
export interface ExecutionQuery extends Omit<ExecutionListQuery, 'limit'> {
  /** Executions on a page, 1 to 1,000; 100 unless given. */
  readonly limit?: number | undefined
}

/** What may be asked of how executions went: the parameters of the API under their own names. */
export interface ExecutionAuditQuery extends Omit<ExecutionAuditListQuery, 'limit'> {
  /** Audits on a page, 1 to 1,000; 100 unless given. */
  readonly limit?: number | undefined
}

/** Which page of the results of steps. */
export interface StepAuditPaging extends RequestOptions {
  /** Results on a page, 1 to 1,000; 100 unless given. */
  readonly limit?: number | undefined
  /** The `nextCursor` of the page before. */
  readonly cursor?: string | undefined
}

/** What is started: the name of a workflow that a worker has registered, or what `defineWorkflow` made of it. */
export type StartedWorkflow<In extends z.ZodType> =
  string | { readonly input: In; readonly definition: Pick<WorkflowDefinition, 'name' | 'version'> }

/** How one execution is started. */
export interface StartExecutionOptions extends RequestOptions {
  /** A second start with this key gives the first execution, however long after it. */
  readonly idempotencyKey?: string | undefined
  /** Of a workflow by its name: the version; the one registered last, unless given. */
  readonly version?: string | undefined
  /** Ties executions together. Default: the execution's own id. */
  readonly correlationId?: string | undefined
  /** Who starts it, where the server asks nobody who they are. */
  readonly actor?: Actor | undefined
  /** Default: that of the key, or `default`. */
  readonly tenant?: string | undefined
}

/** Executions over HTTP. Each method rejects with a `TrailError` that has the code of the server's problem. */
export class ExecutionApi {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** One page, the newest first. */
  list(query: ExecutionQuery = {}, { signal }: RequestOptions = {}): Promise<ExecutionList> {
    const asked = { method: 'GET', path: '/api/v1/executions', query: { ...query }, signal } as const
    return this.#connection.json(asked, executionListSchema)
  }

  /** Every execution that matches, page after page. */
  all(query: Omit<ExecutionQuery, 'cursor'> = {}, options: RequestOptions = {}) {
    return itemsOf(async (cursor) => {
      const page = await this.list({ ...query, cursor }, options)
      return { items: page.executions, nextCursor: page.next_cursor }
    })
  }

  /** An execution as it stands, with its steps. */
  get(executionId: string, options: RequestOptions = {}): Promise<Execution> {
    return this.#read(executionId, '', { ...options, schema: executionSchema })
  }

  /** Its steps in order, DO and UNDO. */
  steps(executionId: string, options: RequestOptions = {}): Promise<StepList> {
    return this.#read(executionId, '/steps', { ...options, schema: stepListSchema })
  }

  /** Its events in order, with the time between them. */
  timeline(executionId: string, options: RequestOptions = {}): Promise<Timeline> {
    return this.#read(executionId, '/timeline', { ...options, schema: timelineSchema })
  }

  /** The results that workers reported for its steps, the newest first. */
  audit(executionId: string, paging: StepAuditPaging = {}): Promise<Page<StepAuditMessage>> {
    return this.#audit(`${pathOf(executionId)}/audit`, paging)
  }

  /** The results that workers reported for one step, the newest first. */
  stepAudit(
    executionId: string,
    stepId: string,
    paging: StepAuditPaging = {},
  ): Promise<Page<StepAuditMessage>> {
    const [uuid, step] = [executionId, stepId].map(encodeURIComponent)
    return this.#audit(`/api/v1/tasks/${uuid}/workflow_steps/${step}/audit`, paging)
  }

  /** How executions went: one page, the newest first. An execution has one for each of its ends. */
  outcomes(query: ExecutionAuditQuery = {}, { signal }: RequestOptions = {}): Promise<ExecutionAuditList> {
    const path = '/api/v1/audit/workflow-execution'
    return this.#connection.json({ method: 'GET', path, query: { ...query }, signal }, auditListSchema)
  }

  /**
   * Everything on record of an execution with the proofs that it is in the log: a zip file, which `verifyPack` of
   * `@steptrail/verify` verifies offline. `event_not_sealed` as long as an event of it is not.
   */
  evidence(executionId: string, { signal }: RequestOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    return this.#connection.bytes({ method: 'GET', path: `${pathOf(executionId)}/evidence`, signal })
  }

  /** Starts an execution. With an idempotency key it may be repeated, whatever became of it. */
  start<In extends z.ZodType>(
    workflow: StartedWorkflow<In>,
    input: z.input<In>,
    options: StartExecutionOptions = {},
  ): Promise<Started> {
    const { idempotencyKey, signal, version, ...others } = options
    const named =
      typeof workflow === 'string'
        ? { workflow, version }
        : { workflow: workflow.definition.name, version: workflow.definition.version }
    const asked = {
      method: 'POST',
      path: '/api/v1/executions',
      body: JSON.stringify({ ...named, input, ...others }),
      idempotencyKey,
      signal,
    } as const
    return this.#connection.json(asked, startedSchema)
  }

  /** Orders something of an execution; resolves with how it stands afterwards. */
  act(
    executionId: string,
    order: ExecutionAction,
    options: RepeatableRequestOptions = {},
  ): Promise<Execution> {
    return this.#order(`${pathOf(executionId)}/actions`, order, options)
  }

  /** Orders something of a step, by its name or its id; resolves with how the execution stands afterwards. */
  actOnStep(
    { executionId, step }: { readonly executionId: string; readonly step: string },
    order: StepAction,
    options: RepeatableRequestOptions = {},
  ): Promise<Execution> {
    return this.#order(`${pathOf(executionId)}/steps/${encodeURIComponent(step)}/actions`, order, options)
  }

  #read<Schema extends z.ZodType>(
    executionId: string,
    part: string,
    { schema, signal }: RequestOptions & { readonly schema: Schema },
  ): Promise<z.output<Schema>> {
    return this.#connection.json({ method: 'GET', path: `${pathOf(executionId)}${part}`, signal }, schema)
  }

  #order(
    path: string,
    order: object,
    { idempotencyKey, signal }: RepeatableRequestOptions,
  ): Promise<Execution> {
    return this.#connection.json(
      { method: 'POST', path, body: JSON.stringify(order), idempotencyKey, signal },
      executionSchema,
    )
  }

  async #audit(path: string, { signal, ...query }: StepAuditPaging): Promise<Page<StepAuditMessage>> {
    const asked = { method: 'GET', path, query, signal } as const
    const { value, headers } = await this.#connection.whole(asked, stepAuditListSchema)
    return { items: value, nextCursor: cursorOfLink(headers.get('link')) }
  }
}

const pathOf = (executionId: string): string => `/api/v1/executions/${encodeURIComponent(executionId)}`
