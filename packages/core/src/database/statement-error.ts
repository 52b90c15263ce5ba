import { TrailError } from '@steptrail/event'

/** SQLSTATE with which the database refuses to change what is on record; raised by `refuse_change` in the migrations. */
export const appendOnlySqlState = 'ST001'

/** SQLSTATE of a write that found something else than was read; raised by `require_unmoved` in the migrations. */
const movedSqlState = 'ST002'

/** SQLSTATE of a row for a month that retention has closed; raised by `refuse_expired` and `ensure_partition`. */
const expiredSqlState = 'ST003'

/** The error to throw for one that a statement gave: our own states as a TrailError, every other as it came. */
export function statementError(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error
  if (error.code === movedSqlState)
    return new TrailError('transition_conflict', `${error.message}. Read them again and decide anew.`, {
      cause: error,
    })
  if (error.code === expiredSqlState)
    return new TrailError('event_expired', `${error.message}. Leave it: it is beyond its time.`, {
      cause: error,
    })
  if (error.code !== appendOnlySqlState) return error
  const hint = 'hint' in error && typeof error.hint === 'string' ? error.hint : 'record a new fact instead'
  const table = 'table' in error && typeof error.table === 'string' ? error.table : null
  return new TrailError('append_only', `${error.message}: ${hint}`, { details: { table }, cause: error })
}
