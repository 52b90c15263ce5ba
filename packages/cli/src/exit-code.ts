import { isConnectionTrouble } from '@steptrail/core'
import { type ErrorCode, TrailError } from '@steptrail/event'

/** What the number that a run of the program ends with means. One table for program, help and documentation. */
export const exitCodes = {
  done: { code: 0, meaning: 'Done.' },
  failed: {
    code: 1,
    meaning:
      'The answer is no: an execution failed, an order does not fit the state it is in, the trail is not as it was signed, a check of the demo did not pass.',
  },
  usage: { code: 2, meaning: 'The command, an option, a setting or a value given is not right.' },
  database: {
    code: 3,
    meaning:
      'The database, or the server that is asked in its place, cannot be used: not reachable, in use, not migrated, or it refused.',
  },
  notFound: {
    code: 4,
    meaning: 'There is no such execution, step, workflow, hold, selection, erasure or key.',
  },
  fault: { code: 5, meaning: 'A fault of the program itself. STEPTRAIL_DEBUG=1 shows where.' },
  interrupted: { code: 130, meaning: 'Interrupted before it was done.' },
} as const satisfies Readonly<Record<string, { readonly code: number; readonly meaning: string }>>

/** The name of an exit code. */
export type ExitCode = keyof typeof exitCodes

const byErrorCode: Readonly<Partial<Record<ErrorCode, ExitCode>>> = {
  order_refused: 'failed',
  adjustment_refused: 'failed',
  witness_unreachable: 'failed',
  stream_unreachable: 'failed',
  log_inconsistent: 'failed',
  log_key_mismatch: 'failed',
  memory_unusable: 'failed',
  log_clock_behind: 'failed',
  event_not_sealed: 'failed',
  log_not_begun: 'failed',
  invalid_signing_key: 'usage',
  archive_unverified: 'failed',
  archive_unwritable: 'failed',
  retention_running: 'failed',
  hold_stands: 'failed',
  retention_changed: 'failed',
  retention_blocked: 'failed',
  reason_required: 'usage',
  invalid_output: 'usage',
  invalid_configuration: 'usage',
  address_refused: 'usage',
  address_unavailable: 'usage',
  invalid_database_url: 'usage',
  invalid_filter: 'usage',
  invalid_audit: 'usage',
  unknown_report: 'usage',
  invalid_cursor: 'usage',
  invalid_input: 'usage',
  limit_exceeded: 'usage',
  spool_unavailable: 'usage',
  spool_damaged: 'failed',
  execution_not_found: 'notFound',
  step_not_found: 'notFound',
  unknown_workflow: 'notFound',
  hold_not_found: 'notFound',
  key_not_found: 'notFound',
  erasure_not_found: 'notFound',
  invalid_catalog_entry: 'usage',
  definition_conflict: 'failed',
  catalog_entry_not_found: 'notFound',
  workflow_not_available: 'notFound',
  selection_not_found: 'notFound',
  database_unreachable: 'database',
  database_unsupported: 'database',
  insufficient_privilege: 'database',
  embedded_database_in_use: 'database',
  embedded_database_missing: 'database',
  schema_missing: 'database',
  schema_outdated: 'database',
  schema_newer: 'database',
  schema_edited: 'database',
  feed_generation_changed: 'database',
  server_unreachable: 'database',
  server_busy: 'database',
  rate_limited: 'database',
  request_timeout: 'database',
  unauthenticated: 'database',
  access_denied: 'database',
}

/** How a run ends that was ended by this error. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof TrailError) return byErrorCode[error.code] ?? 'fault'
  if (sqlStateOf(error) !== null || isConnectionTrouble(error)) return 'database'
  return isOfFile(error) ? 'usage' : 'fault'
}

/** Whether the operating system refused what was to be done with a file, as one that may not be written. */
export const isOfFile = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error &&
  'syscall' in error &&
  ('path' in error || ('code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')))

/** The SQLSTATE of an error that the database server sent; null for any other. */
export function sqlStateOf(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error) || !('severity' in error)) return null
  return typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code) ? error.code : null
}
