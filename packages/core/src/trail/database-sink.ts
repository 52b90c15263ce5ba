import { AsyncLocalStorage } from 'node:async_hooks'
import { TrailError } from '@steptrail/event'
import type { OutgoingEvent, Sink, SinkOutcome } from '@steptrail/recorder'
import { whileWanted } from '../database/client-session.ts'
import { CopyLines } from '../database/copy-lines.ts'
import type { Database, Query } from '../database/database.ts'
import { CommittedPartitions, ensurePartitions, partitionsOf } from '../partition/ensure-partitions.ts'
import { AbandonedWrites } from './abandoned-writes.ts'
import { readRepetitions, RecordedRows } from './recorded-rows.ts'

/** How a sink writes. */
export interface DatabaseSinkOptions {
  /**
   * Several batches at a time go over a connection each, `side by side`, unless this is `in line`: then two over each,
   * as few as will do, the second sent before the first has ended. Side by side is soonest where the database has
   * processors to spare; in line costs it less. It holds for COPY alone.
   */
  readonly batches?: 'side by side' | 'in line'
  /**
   * Aborted when nobody waits for a write any more, nor will for another: those under way on a server then lose their
   * connections, so that a locked table or a silent network does not hold up whoever closes the database.
   */
  readonly ended?: AbortSignal | undefined
}

/**
 * The sink that writes to `audit_event`: a batch in one statement, and where something of it is on record already in one
 * that leaves that out, so that it may come again whatever became of it. Makes the months that a batch needs. An id that
 * is on record with the same content is a `duplicate`, with other content a `conflict`; the trace does not count, since
 * it is the attempt's.
 *
 * Throws `batch_refused` when the database refuses what is in the batch (SQLSTATE of class 22, 23 or 54, or a month that
 * retention has closed or whose partition has been detached), whatever the database throws otherwise.
 */
export function createDatabaseSink(
  database: Database,
  { batches = 'side by side', ended }: DatabaseSinkOptions = {},
): Sink {
  const { query } = database
  const copy = database.copy && (batches === 'in line' ? new CopyLines(database).copy : database.copy)
  const writing = { query, committed: new CommittedPartitions(), rows: new RecordedRows({ query, copy }) }
  const abandoned = new AbandonedWrites()
  // Whoever records may be in a transaction, which is none of ours.
  const outside = AsyncLocalStorage.snapshot()
  const run = (batch: readonly OutgoingEvent[]): Promise<readonly SinkOutcome[]> =>
    ended && database.kind === 'postgres'
      ? whileWanted(ended, () => write(batch, writing))
      : write(batch, writing)
  return { write: (batch, signal) => outside(() => abandoned.run(signal, () => run(batch))) }
}

interface Writing {
  readonly query: Query
  readonly committed: CommittedPartitions
  readonly rows: RecordedRows
}

async function write(batch: readonly OutgoingEvent[], writing: Writing): Promise<readonly SinkOutcome[]> {
  try {
    return await writeToMonths(batch, writing)
  } catch (error) {
    throw isPermanent(error) ? refused(error, batch) : error
  }
}

/** A month that was known to be there may have been dropped since. */
async function writeToMonths(
  batch: readonly OutgoingEvent[],
  writing: Writing,
): Promise<readonly SinkOutcome[]> {
  try {
    return await insert(batch, writing)
  } catch (error) {
    if (!isMonthMissing(error)) throw error
    writing.committed.forget()
    return await insert(batch, writing)
  }
}

async function insert(
  batch: readonly OutgoingEvent[],
  { query, committed, rows }: Writing,
): Promise<readonly SinkOutcome[]> {
  committed.add(await ensurePartitions(query, monthsOf(batch), committed))
  const written = await rows.insert(batch)
  return written === 'all' ? batch.map(() => created) : await outcomesOf(batch, written, query)
}

const created = { outcome: 'created' } as const
const duplicate = { outcome: 'duplicate' } as const
const conflict = { outcome: 'conflict', reason: 'another event is on record under its id' } as const

const monthsOf = (batch: readonly OutgoingEvent[]): ReturnType<typeof partitionsOf> =>
  partitionsOf('audit_event', new Set(batch.map(({ timestampMs }) => dayOf(timestampMs))))

/** Any time of the day does: a day lies in one month. */
const dayMs = 86_400_000
const dayOf = (timestampMs: number): number => timestampMs - (timestampMs % dayMs)

/** Of an id that is twice in the batch, only the first is written. */
async function outcomesOf(
  batch: readonly OutgoingEvent[],
  written: Set<string>,
  query: Query,
): Promise<readonly SinkOutcome[]> {
  const isNew = batch.map(({ id }) => written.delete(id))
  const others = batch.filter((_, index) => !isNew[index])
  const repetitions = await readRepetitions(query, others)
  const outcomes = repetitions.map((isRepetition) => (isRepetition ? duplicate : conflict))
  return isNew.map((each) => (each ? created : (outcomes.shift() as SinkOutcome)))
}

/** Data exceptions, constraints, limits of the program, closed months: the same statement fails again. */
const permanentState = /^(?:(?:22|23|54)[0-9A-Z]{3}|event_expired)$/

/** What the database says with an error, in part. */
interface Refusal extends Error {
  readonly code: string
  readonly constraint?: string | undefined
  /** Where in the server it comes from. */
  readonly routine?: string | undefined
}

const isRefusal = (error: unknown): error is Refusal =>
  error instanceof Error && 'code' in error && typeof error.code === 'string'

const isPermanent = (error: unknown): error is Refusal =>
  isRefusal(error) &&
  (permanentState.test(error.code) || (error.code === notReadyState && error.routine === raisedByFunction))

/** By `ensure_partition` for a month that was detached; by the server itself for a standby, which passes. */
const notReadyState = '55000'
const raisedByFunction = 'exec_stmt_raise'

/** Every constraint has a name; that a row has no partition is said without one. */
const isMonthMissing = (error: unknown): boolean =>
  isRefusal(error) && error.code === '23514' && !error.constraint

const refused = (cause: Error, batch: readonly OutgoingEvent[]): TrailError =>
  new TrailError('batch_refused', `the database refuses it: ${cause.message}`, {
    details: { events: batch.length },
    cause,
  })
