import type { AuditEvent, Clock, EventInput } from '@steptrail/event'
import {
  getExecutionAuditHistory,
  getStepAuditHistory,
  listStepAudit,
  type StepAuditPage,
  type StepAuditPaging,
  type StepAuditRequest,
} from '../audit/step-audit.ts'
import type { Database } from '../database/database.ts'
import { openDatabase, type OpenDatabaseOptions } from '../database/open-database.ts'
import { checkSchema } from '../migrate/check-schema.ts'
import { migrate } from '../migrate/migrate.ts'
import { getExecutionEvents, getExecutionTimeline, type TimelineEntry } from './execution-events.ts'
import { feedCursor, type FeedBatch, type FeedStart, follow, type FollowOptions } from './follow.ts'
import type { ValidationOptions } from './given-events.ts'
import { type EventListRequest, type EventPage, listEvents } from './list-events.ts'
import { type RecordedEvent, recordIn } from './record-in.ts'
import type { TransactionQuery } from './write-events.ts'

/** What recording through a trail depends on; all of it has a default. */
export interface TrailOptions extends ValidationOptions {
  /** Replaces the database's clock. */
  readonly clock?: Clock | undefined
}

/** The handle an application holds: it records and reads. Each method is the function of the same name. */
export class Trail implements AsyncDisposable {
  readonly database: Database
  readonly #options: TrailOptions
  readonly #closing = new AbortController()
  readonly #onClose: () => Promise<void>

  constructor(database: Database, options: TrailOptions & { readonly onClose?: () => Promise<void> } = {}) {
    const { onClose = () => Promise.resolve(), ...others } = options
    this.database = database
    this.#options = others
    this.#onClose = onClose
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

  /** Ends its feeds, and closes the database if the trail opened it. A second call does nothing. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return
    this.#closing.abort()
    await this.#onClose()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/** A trail over a database that is open, and that whoever opened it closes. */
export const createTrail = (database: Database, options: TrailOptions = {}): Trail =>
  new Trail(database, options)

/**
 * Opens a database (see `openDatabase`) and makes sure that it has our schema: the embedded database, which belongs
 * to this process, is migrated; on a server, where that is an administrator's affair, the schema is only checked.
 *
 * @throws TrailError what `openDatabase`, `migrate` and `checkSchema` throw
 */
export async function openTrail(options: OpenDatabaseOptions & TrailOptions = {}): Promise<Trail> {
  const database = await openDatabase(options)
  try {
    await (database.kind === 'embedded' ? migrate(database) : checkSchema(database))
  } catch (error) {
    await database.close()
    throw error
  }
  const { clock, catalogue, redaction, activeSpan } = options
  return new Trail(database, { clock, catalogue, redaction, activeSpan, onClose: () => database.close() })
}
