import { TrailError } from '@steptrail/event'

/** Data exceptions, constraints, limits of the program: what the database says of what it will refuse again. */
const permanentState = /^(?:(?:22|23|54)[0-9A-Z]{3})$/

const permanentCodes: ReadonlySet<string> = new Set([
  'event_expired',
  'event_conflict',
  'execution_not_found',
  'illegal_transition',
  'invalid_event',
  'append_only',
])

/** Whether the trail will say the same again, so that trying again is of no use. */
export function isRefusal(error: unknown): error is Error {
  if (error instanceof TrailError) return permanentCodes.has(error.code)
  return error instanceof Error && 'code' in error && permanentState.test(String(error.code))
}
