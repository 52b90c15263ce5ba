/// <reference lib="esnext.disposable" preserve="true" />
import type { EventInput } from '@steptrail/event'
import {
  type CloseRecorderOptions,
  createRecorder,
  type FlushOptions,
  type FlushResult,
  type OpenOperation,
  type Operation,
  type OperationOptions,
  type Recorder,
  type RecorderSettings,
} from '@steptrail/recorder'
import type { ExecutionAuditInput } from '@steptrail/workflow'
import { z } from 'zod'
import { AnalyticsApi } from './api/analytics-api.ts'
import { CatalogApi } from './api/catalog-api.ts'
import { DiscoveryApi } from './api/discovery-api.ts'
import { EventApi } from './api/event-api.ts'
import { ExecutionApi, type StepAuditPaging } from './api/execution-api.ts'
import { KeyApi } from './api/key-api.ts'
import { LogApi } from './api/log-api.ts'
import type { Page } from './api/pages.ts'
import type { RepeatableRequestOptions, RequestOptions } from './api/request-options.ts'
import { RetentionApi } from './api/retention-api.ts'
import type { ConnectionOptions } from './connection/connection-options.ts'
import { Connection } from './connection/connection.ts'
import {
  type Limits,
  limitsSchema,
  type RecorderLosses,
  recorderLossesSchema,
  type StepAuditMessage,
} from './messages/index.ts'
import { httpSink } from './recording/http-sink.ts'

const storedAuditSchema = z.object({ id: z.string() })

/** What a client is. */
export interface ClientOptions extends ConnectionOptions {
  /** How `record`, `recordDurably` and `operation` record; all of it has a default. */
  readonly recorder?: RecorderSettings | undefined
}

/**
 * The trail of a server, for programs that do not share its database: it records in the background and reads, as a trail
 * over a database does. Runs where there is `fetch`.
 */
export class Client implements AsyncDisposable {
  /** Reads of events. */
  readonly events: EventApi
  /** Executions: reads, starts, orders. */
  readonly executions: ExecutionApi
  /** Reports. */
  readonly analytics: AnalyticsApi
  /** Keys to the server. */
  readonly keys: KeyApi
  /** For how long what is kept, and what is held. */
  readonly retention: RetentionApi
  /** Proofs of what is on record. */
  readonly log: LogApi
  /** The catalogue: what is in it, what was chosen, and why. */
  readonly catalog: CatalogApi
  /** From a situation to a workflow, step by step. */
  readonly discovery: DiscoveryApi
  readonly #connection: Connection
  readonly #settings: RecorderSettings | undefined
  #recorder: Recorder | undefined

  constructor({ recorder, ...options }: ClientOptions) {
    this.#connection = new Connection(options)
    this.events = new EventApi(this.#connection)
    this.executions = new ExecutionApi(this.#connection)
    this.analytics = new AnalyticsApi(this.#connection)
    this.keys = new KeyApi(this.#connection)
    this.retention = new RetentionApi(this.#connection)
    this.log = new LogApi(this.#connection)
    this.catalog = new CatalogApi(this.#connection)
    this.discovery = new DiscoveryApi(this.#connection)
    this.#settings = recorder
    // What a process before this one has left in the spool does not wait for the first event of one that records.
    if (recorder?.spool) this.#recorder = this.#createRecorder()
  }

  /** The recorder behind `record`, for its counts and metrics. Made when it is first asked for. */
  get recorder(): Recorder {
    this.#recorder ??= this.#createRecorder()
    return this.#recorder
  }

  /** Records in the background; see `Recorder.record`. */
  record(event: EventInput): void {
    this.recorder.record(event)
  }

  /** See `Recorder.recordDurably`. */
  recordDurably(event: EventInput): Promise<'written' | 'spooled'> {
    return this.recorder.recordDurably(event)
  }

  /** See `Recorder.operation`. */
  operation(options: OperationOptions): OpenOperation
  operation<T>(options: OperationOptions, work: (operation: Operation) => T | Promise<T>): Promise<T>
  operation<T>(
    options: OperationOptions,
    work?: (operation: Operation) => T | Promise<T>,
  ): OpenOperation | Promise<T> {
    return work ? this.recorder.operation(options, work) : this.recorder.operation(options)
  }

  /**
   * Stores how an execution of another engine went. With an id, or an idempotency key, it may be repeated.
   *
   * @throws TrailError `invalid_audit` naming the field; `audit_conflict`
   */
  async storeWorkflowExecutionAudit(
    audit: ExecutionAuditInput,
    { idempotencyKey, signal }: RepeatableRequestOptions = {},
  ): Promise<{ readonly id: string }> {
    const path = '/api/v1/audit/workflow-execution'
    return await this.#connection.json(
      { method: 'POST', path, body: JSON.stringify(audit), idempotencyKey, signal },
      storedAuditSchema,
    )
  }

  /** See `Recorder.flush`. */
  flush(options?: FlushOptions): Promise<FlushResult> {
    return this.recorder.flush(options)
  }

  /** The results that workers reported for a step, the newest first; `step_not_found` for a step of another execution. */
  getStepAuditHistory(
    executionId: string,
    stepId: string,
    paging?: StepAuditPaging,
  ): Promise<Page<StepAuditMessage>> {
    return this.executions.stepAudit(executionId, stepId, paging)
  }

  /** What the server takes at most. */
  limits({ signal }: RequestOptions = {}): Promise<Limits> {
    return this.#connection.json({ method: 'GET', path: '/api/v1/limits', signal }, limitsSchema)
  }

  /** What recorders lost: that of the server by its counts, the others by the numbers that are missing on record. */
  recorderLosses({ signal }: RequestOptions = {}): Promise<RecorderLosses> {
    return this.#connection.json(
      { method: 'GET', path: '/api/v1/recorders/losses', signal },
      recorderLossesSchema,
    )
  }

  /** Closes the recorder; see `Recorder.close`. Undefined when nothing was ever recorded. */
  async close(options: CloseRecorderOptions = {}): Promise<FlushResult | undefined> {
    return await this.#recorder?.close(options)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #createRecorder(): Recorder {
    return createRecorder({ ...this.#settings, sink: httpSink(this.#connection) })
  }
}

/** A client of the server at `url`. Makes no request before it is asked for something. */
export const createClient = (options: ClientOptions): Client => new Client(options)
