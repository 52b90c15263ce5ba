import { TrailError } from '@steptrail/event'

/** SQLSTATE with which the database refuses to change what is on record; raised by `refuse_change` in the migrations. */
export const appendOnlySqlState = 'ST001'

/** The error to throw for one that a statement gave: `append_only` as a TrailError, every other as it came. */
export function statementError(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error) || error.code !== appendOnlySqlState) return error
  const hint = 'hint' in error && typeof error.hint === 'string' ? error.hint : 'record a new fact instead'
  const table = 'table' in error && typeof error.table === 'string' ? error.table : null
  return new TrailError('append_only', `${error.message}: ${hint}`, { details: { table }, cause: error })
}
