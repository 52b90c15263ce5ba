import type { AuditEvent, Clock, EventInput } from '@steptrail/event'
import {
  checkDeadline,
  type CloseRecorderOptions,
  createRecorder,
  type FlushOptions,
  type FlushResult,
  type OpenOperation,
  type Operation,
  type OperationOptions,
  type Recorder,
  type Sink,
} from '@steptrail/recorder'
import type { ExecutionAuditInput } from '@steptrail/workflow'
import {
  getExecutionAuditHistory,
  getStepAuditHistory,
  listStepAudit,
  type StepAuditPage,
  type StepAuditPaging,
  type StepAuditRequest,
} from '../audit/step-audit.ts'
import type { ReportRequest } from '../analytics/report-request.ts'
import { type MadeReport, makeReport } from '../analytics/reports.ts'
import type { Database } from '../database/database.ts'
import type { StoredExecutionAudit } from '../execution-audit/audit-rows.ts'
import {
  type ExecutionAuditPage,
  type ExecutionAuditRequest,
  getExecutionAudit,
  listExecutionAudits,
} from '../execution-audit/read-execution-audit.ts'
import {
  type StoreAuditOptions,
  type StoredAudit,
  storeWorkflowExecutionAudit,
} from '../execution-audit/store-execution-audit.ts'
import { openDatabase, type OpenDatabaseOptions } from '../database/open-database.ts'
import { checkSchema } from '../migrate/check-schema.ts'
import { migrate } from '../migrate/migrate.ts'
import { isConnectionTrouble } from './connection-trouble.ts'
import { createDatabaseSink } from './database-sink.ts'
import { getExecutionEvents, getExecutionTimeline, type TimelineEntry } from './execution-events.ts'
import { feedCursor, type FeedBatch, type FeedStart, follow, type FollowOptions } from './follow.ts'
import type { ValidationOptions } from './given-events.ts'
import { type EventListRequest, type EventPage, listEvents } from './list-events.ts'
import { type RecordedEvent, recordIn } from './record-in.ts'
import { type TrailRecorderSettings, trailSpool } from './trail-spool.ts'
import type { TransactionQuery } from './write-events.ts'

/** What recording through a trail depends on; all of it has a default. */
export interface TrailOptions extends ValidationOptions {
  /** Replaces the database's clock, and for the recorder that of this machine. */
  readonly clock?: Clock | undefined
  /**
   * How `record`, `recordDurably` and `operation` record; what is said above holds for them as well. A trail to which
   * it is given begins at once with what dead processes have left in the spool, any other one with its first event.
   */
  readonly recorder?: TrailRecorderSettings | undefined
}

/** The handle an application holds: it records and reads. Each method is the function of the same name. */
export class Trail implements AsyncDisposable {
  readonly database: Database
  readonly #options: TrailOptions
  readonly #closing = new AbortController()
  /** Aborted when the recorder is closed: what it still has under way is spooled, or counted as dropped. */
  readonly #recorded = new AbortController()
  readonly #onClose: () => Promise<void>
  /** Made here, and not where the first event is recorded: that may be in a transaction, which is none of ours. */
  readonly #sink: Sink
  #recorder: Recorder | undefined
  #closed: Promise<void> | undefined

  constructor(database: Database, options: TrailOptions & { readonly onClose?: () => Promise<void> } = {}) {
    const { onClose = () => Promise.resolve(), ...others } = options
    this.database = database
    this.#options = others
    this.#onClose = onClose
    this.#sink = createDatabaseSink(database, { ended: this.#recorded.signal })
    // What a process before this one has left in the spool does not wait for the first event of one that records.
    if (others.recorder) this.#recorder = this.#createRecorder()
  }

  /**
   * The recorder behind `record`, for its counts and metrics. Made when it is first asked for; from the call of `close`
   * on it takes nothing.
   */
  get recorder(): Recorder {
    this.#recorder ??= this.#closed ? this.#closedRecorder() : this.#createRecorder()
    return this.#recorder
  }

  /** Records in the background; see `Recorder.record`. */
  record(event: EventInput): void {
    this.recorder.record(event)
  }

  /** See `Recorder.recordDurably`. On the embedded database not inside a transaction, which holds its only connection. */
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

  /** See `Recorder.flush`. */
  flush(options?: FlushOptions): Promise<FlushResult> {
    return this.recorder.flush(options)
  }

  /** See `recordIn`. `tx` may be a transaction of any driver: the trail's tables are named with their schema. */
  recordIn(tx: TransactionQuery, events: readonly EventInput[]): Promise<readonly RecordedEvent[]> {
    return recordIn(tx, events, { ...this.#options, schema: this.database.schema })
  }

  /** See `listEvents`. */
  listEvents(request?: EventListRequest): Promise<EventPage> {
    return listEvents(this.database, request)
  }

  /** See `getExecutionEvents`. */
  getExecutionEvents(executionId: string): Promise<readonly AuditEvent[]> {
    return getExecutionEvents(this.database, executionId)
  }

  /** See `getExecutionTimeline`. */
  getExecutionTimeline(executionId: string): Promise<readonly TimelineEntry[]> {
    return getExecutionTimeline(this.database, executionId)
  }

  /** See `getStepAuditHistory`. */
  getStepAuditHistory(stepUuid: string, paging?: StepAuditPaging): Promise<StepAuditPage> {
    return getStepAuditHistory(this.database, stepUuid, paging)
  }

  /** See `getExecutionAuditHistory`. */
  getExecutionAuditHistory(executionId: string, paging?: StepAuditPaging): Promise<StepAuditPage> {
    return getExecutionAuditHistory(this.database, executionId, paging)
  }

  /** See `listStepAudit`. */
  listStepAudit(request?: StepAuditRequest): Promise<StepAuditPage> {
    return listStepAudit(this.database, request)
  }

  /** See `storeWorkflowExecutionAudit`. */
  storeWorkflowExecutionAudit(
    audit: ExecutionAuditInput,
    options: StoreAuditOptions = {},
  ): Promise<StoredAudit> {
    const { redaction } = this.#options
    return storeWorkflowExecutionAudit(this.database, audit, { redaction, ...options })
  }

  /** See `getExecutionAudit`. */
  getExecutionAudit(executionId: string): Promise<StoredExecutionAudit | null> {
    return getExecutionAudit(this.database, executionId)
  }

  /** See `listExecutionAudits`. */
  listExecutionAudits(request?: ExecutionAuditRequest): Promise<ExecutionAuditPage> {
    return listExecutionAudits(this.database, request)
  }

  /** See `makeReport`. */
  makeReport(slug: string, request?: ReportRequest): Promise<MadeReport> {
    return makeReport(this.database, slug, request)
  }

  /** See `follow`. Closing the trail ends it, too. */
  follow(options: FollowOptions = {}): AsyncGenerator<FeedBatch, void, undefined> {
    const { signal } = options
    const closing = this.#closing.signal
    return follow(this.database, {
      ...options,
      signal: signal ? AbortSignal.any([signal, closing]) : closing,
    })
  }

  /** See `feedCursor`. */
  feedCursor(from: FeedStart): Promise<string> {
    return feedCursor(this.database, from)
  }

  /**
   * Closes the recorder (see `Recorder.close`), ends its feeds, and closes the database if the trail opened it. A write
   * of the recorder that a locked table or a silent server still holds up at the deadline loses its connection. A second
   * call waits for the first.
   *
   * @throws TrailError `invalid_configuration` for a deadline that is none; then nothing is closed
   */
  async close(options: CloseRecorderOptions = {}): Promise<void> {
    checkDeadline(options.deadlineMs)
    this.#closed ??= this.#close(options)
    await this.#closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(options: CloseRecorderOptions): Promise<void> {
    this.#closing.abort()
    await this.#recorder?.close(options)
    this.#recorded.abort()
    await this.#onClose()
  }

  #createRecorder(): Recorder {
    const { clock, catalogue, redaction, activeSpan, recorder = {} } = this.#options
    const { spoolDirectory: _, ...settings } = recorder
    const spool = trailSpool(this.database, recorder)
    return createRecorder({ ...settings, spool, sink: this.#sink, clock, catalogue, redaction, activeSpan })
  }

  #closedRecorder(): Recorder {
    const recorder = createRecorder({ sink: this.#sink, logger: this.#options.recorder?.logger })
    void recorder.close()
    return recorder
  }
}

/** A trail over a database that is open, and that whoever opened it closes. */
export const createTrail = (database: Database, options: TrailOptions = {}): Trail =>
  new Trail(database, options)

/**
 * Opens a database (see `openDatabase`) and makes sure that it has our schema: the embedded database, which belongs
 * to this process, is migrated; on a server, where that is an administrator's affair, the schema is only checked, and
 * not even that where the database may be away and is: a recorder keeps its events for as long as there is no schema.
 *
 * @throws TrailError what `openDatabase`, `migrate` and `checkSchema` throw, and `invalid_configuration` for a setting
 *   of the recorder that is none; then nothing is left open
 */
export async function openTrail(options: OpenDatabaseOptions & TrailOptions = {}): Promise<Trail> {
  const database = await openDatabase(options)
  const { clock, catalogue, redaction, activeSpan, recorder } = options
  const onClose = (): Promise<void> => database.close()
  try {
    if (database.kind === 'embedded') await migrate(database)
    else await checkSchemaUnlessAway(database, options)
    return new Trail(database, { clock, catalogue, redaction, activeSpan, recorder, onClose })
  } catch (error) {
    await database.close()
    throw error
  }
}

async function checkSchemaUnlessAway(
  database: Database,
  { mayBeAway = false }: OpenDatabaseOptions,
): Promise<void> {
  try {
    await checkSchema(database)
  } catch (error) {
    if (!mayBeAway || !isConnectionTrouble(error)) throw error
  }
}
