import { auditErrorCodes } from './audit-error-codes.ts'
import { catalogErrorCodes } from './catalog-error-codes.ts'
import type { ErrorCodeEntry } from './error-code-entry.ts'
import { logErrorCodes } from './log-error-codes.ts'
import { serverErrorCodes } from './server-error-codes.ts'

/** What each error code means and what to do about it. One table for the program, its tests and its documentation. */
export const errorCodes = {
  invalid_event: {
    title: 'Invalid event',
    meaning: 'A field of the event is missing, unknown, of the wrong kind, over its limit, or not JSON.',
    action: 'Correct the field that the message names; `details.path` holds its path.',
  },
  unknown_event_type: {
    title: 'Unknown event type',
    meaning: 'The event type is neither built in nor registered.',
    action:
      "Register it with `createEventCatalogue({ types })`, or create the catalogue with `unregistered: 'flag'`.",
  },
  event_too_large: {
    title: 'Event too large',
    meaning: 'The `details` of the event are larger or deeper than the limits allow.',
    action: 'Record what a reader needs, and a digest or a link for the rest.',
  },
  event_conflict: {
    title: 'Event conflict',
    meaning: 'An event with this id is on record with other content.',
    action: 'Give each event an id of its own; repeat an id only with the same event.',
  },
  event_timestamp_future: {
    title: 'Event from the future',
    meaning: 'The timestamp lies more than an hour ahead of the clock.',
    action: 'Set the clock of the machine that made the event, or correct the timestamp.',
  },
  event_id_mismatch: {
    title: 'Id and timestamp do not match',
    meaning: 'The first 48 bits of an event id are its timestamp in milliseconds; these differ.',
    action: 'Give only the timestamp, only the id, or an id made from the timestamp (`uuidV7`, `uuidV8`).',
  },
  engine_event_refused: {
    title: 'Event reserved for the engine',
    meaning: 'An application tried to record an event of an execution, of a step, or of the trail itself.',
    action:
      'Record an OPERATION or a type of your own; `executionId` and `stepName` may name what it is about.',
  },
  invalid_workflow: {
    title: 'Invalid workflow',
    meaning: 'A workflow definition has a cycle, an unknown or ill-named step, or an option out of range.',
    action: 'Correct the definition at the place the message names.',
  },
  invalid_input: {
    title: 'Invalid input',
    meaning: 'A value given to a function, or the input of a workflow, is not what its schema asks for.',
    action: 'Correct the value at the path the message names.',
  },
  invalid_output: {
    title: 'Invalid output',
    meaning: 'A step returned a value that its output schema refuses.',
    action: 'Correct the handler, or the schema of the step.',
  },
  definition_conflict: {
    title: 'Definition conflict',
    meaning: 'This workflow name and version is registered with another definition.',
    action: 'Raise the version of the workflow; a registered definition never changes.',
  },
  unknown_workflow: {
    title: 'Unknown workflow',
    meaning: 'No workflow of this name and version is registered.',
    action: 'Check the name and version, or register the workflow first.',
  },
  execution_not_found: {
    title: 'Execution not found',
    meaning: 'There is no execution with this id.',
    action: 'Check the id; `steptrail executions list` shows those there are.',
  },
  step_not_found: {
    title: 'Step not found',
    meaning: 'The execution has no such step.',
    action: 'Check the step; `steptrail executions show` lists the steps of an execution.',
  },
  ...auditErrorCodes,
  ...catalogErrorCodes,
  illegal_transition: {
    title: 'Illegal transition',
    meaning: 'The state table has no such move from the current state.',
    action: 'Look at the current state first; the page on states and lifecycles lists every move.',
  },
  order_refused: {
    title: 'Order refused',
    meaning: 'There is no such order, or the execution or step is in no state for it. Nothing was changed.',
    action: 'Look at the execution first: `steptrail executions show` tells its state and that of its steps.',
  },
  adjustment_refused: {
    title: 'Adjustment refused',
    meaning:
      'A step could not be adjusted: the attempt that asked is over, or the value is none. Nothing was changed.',
    action: 'Look at the message; adjust a step only while it has not ended, and say why.',
  },
  reason_required: {
    title: 'Reason required',
    meaning:
      'An operator ordered something without an actor or a reason, or without the second person that is required.',
    action: 'Say who gives the order and why: both stay on record with what they changed.',
  },
  transition_conflict: {
    title: 'Transition conflict',
    meaning: 'The step or execution changed between being read and being moved.',
    action: 'Read it again and decide anew.',
  },
  invalid_database_url: {
    title: 'Invalid database URL',
    meaning: 'The database URL cannot be read.',
    action: 'Give a URL such as postgres://user:password@host:5432/database.',
  },
  database_unreachable: {
    title: 'Database unreachable',
    meaning: 'The database did not answer, or refused the connection.',
    action: 'Check host, port, user and password, and that the server runs.',
  },
  database_closed: {
    title: 'Database closed',
    meaning: 'The program has closed its handle of the database, and something of it still asked.',
    action: 'Close workers, runtimes and feeds before the database that they use.',
  },
  database_unsupported: {
    title: 'Database not supported',
    meaning: 'The database is not PostgreSQL 15 or later, or the login is set so that triggers do not run.',
    action:
      'Use PostgreSQL 15 or later, or the embedded database, and a login without the setting that is named.',
  },
  schema_missing: {
    title: 'Schema missing',
    meaning: 'The database has no Steptrail schema yet.',
    action: 'Run `steptrail migrate`.',
  },
  schema_outdated: {
    title: 'Schema outdated',
    meaning:
      'The database has an earlier schema than this version of Steptrail works with, or one that was renamed.',
    action: 'Run `steptrail migrate`.',
  },
  schema_newer: {
    title: 'Schema newer than the program',
    meaning: 'A later version of Steptrail has migrated this database.',
    action: 'Use that version or a later one.',
  },
  schema_edited: {
    title: 'Schema edited',
    meaning:
      'A migration that was applied differs from the file of the same number, or a column of the trail has another type than it was made with.',
    action:
      'Restore the released file, a change of the schema is a new migration; or the database from before the change.',
  },
  embedded_database_in_use: {
    title: 'Embedded database in use',
    meaning: 'Another process holds the data directory; two at once would corrupt it.',
    action: 'Stop the process that the message names, use another directory, or a PostgreSQL server.',
  },
  embedded_database_missing: {
    title: 'Embedded database missing',
    meaning: 'The package that holds the embedded database is not installed.',
    action: 'Install `@electric-sql/pglite`, or give the URL of a PostgreSQL server.',
  },
  nested_transaction: {
    title: 'Nested transaction',
    meaning: 'The embedded database, which has one connection, was asked for another inside a transaction.',
    action: 'Use the `tx` that the transaction gives.',
  },
  transaction_aborted: {
    title: 'Transaction aborted',
    meaning: 'A statement failed or came too late, so the transaction did not do what its work returned.',
    action: 'Await every statement, and let its error leave the transaction.',
  },
  insufficient_privilege: {
    title: 'Insufficient privilege',
    meaning: 'The database user may not do this.',
    action: 'Connect as a user who may, or let one do it for you.',
  },
  invalid_configuration: {
    title: 'Invalid configuration',
    meaning: 'An option or an environment variable has a value that cannot be used.',
    action: 'Correct the option that the message names.',
  },
  invalid_cursor: {
    title: 'Invalid cursor',
    meaning: 'The cursor was not made by this list, or has been altered.',
    action: 'Start again without a cursor.',
  },
  feed_generation_changed: {
    title: 'Feed generation changed',
    meaning: 'The database was restored or moved, so positions in the old feed mean nothing in this one.',
    action: 'Start the feed again from a time you name.',
  },
  invalid_filter: {
    title: 'Invalid filter',
    meaning: 'A filter is unknown or has a value it does not allow.',
    action: 'Correct the filter that the message names.',
  },
  worker_closed: {
    title: 'Worker closed',
    meaning: 'The worker has been closed and takes no more work.',
    action: 'Create a new worker.',
  },
  worker_unknown: {
    title: 'Worker not registered',
    meaning:
      'No such worker is registered here, or not any more, as when the database was set back to a backup.',
    action: 'Nothing, for a worker of ours, which registers anew by itself; one of your own registers again.',
  },
  attempt_aborted: {
    title: 'Attempt aborted',
    meaning:
      'A worker told a handler to stop: its time was over, it was lost or cancelled, or the worker shut down.',
    action: 'Nothing, where the retry succeeds; `details.cause` says which it was.',
  },
  recorder_closed: {
    title: 'Recorder closed',
    meaning: 'The recorder has been closed and takes no more events.',
    action: 'Close it last, after everything that records.',
  },
  event_dropped: {
    title: 'Event dropped',
    meaning:
      'An event that was to survive a crash is neither in the sink nor in the spool; `details.reason` says why.',
    action: 'Record it again, or fail whatever it was to attest.',
  },
  batch_refused: {
    title: 'Batch refused',
    meaning:
      'A sink can never write something in a batch of events. The recorder splits the batch to find it.',
    action: 'Nothing: all other events of the batch are written.',
  },
  spool_unavailable: {
    title: 'Spool unavailable',
    meaning: 'The spool takes no events: its disk is full or read-only, or it is as large as it may get.',
    action: 'Make room, or give a directory that may be written to; events stay in memory meanwhile.',
  },
  spool_damaged: {
    title: 'Spool damaged',
    meaning: 'A file of the spool does not hold what was written to it.',
    action: 'Keep the file; what precedes the damage is replayed, and the message says what is not.',
  },
  limit_exceeded: {
    title: 'Limit exceeded',
    meaning: 'A value is beyond a stated limit.',
    action: 'Stay within the limit that the message names.',
  },
  ...serverErrorCodes,
  ...logErrorCodes,
  append_only: {
    title: 'Append-only',
    meaning: 'A statement tried to change or delete what is on record.',
    action: 'Record a new fact; what is on record goes only by retention and erasure.',
  },
} as const satisfies Readonly<Record<string, ErrorCodeEntry>>

/** The string code of a `TrailError`. */
export type ErrorCode = keyof typeof errorCodes

/** What a `TrailError` may carry beside its message. */
export interface TrailErrorOptions {
  /** Machine-readable facts: the path, the value, the limit. */
  readonly details?: Readonly<Record<string, unknown>>
  readonly cause?: unknown
}

/**
 * The one error of Steptrail. `code` is for programs; the message is for people: what happened, with the value,
 * and what to do.
 */
export class TrailError extends Error {
  override readonly name = 'TrailError'
  readonly code: ErrorCode
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: ErrorCode, message: string, options: TrailErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.details = options.details ?? {}
  }
}
