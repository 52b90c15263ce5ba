import { isConnectionTrouble } from '@steptrail/core'
import { TrailError } from '@steptrail/event'

/** Why something failed, for a log: in a line what is known or came from the database or system, of a fault the stack. */
export function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  const isKnown = cause instanceof TrailError || 'code' in cause || isConnectionTrouble(cause)
  return isKnown ? cause.message : (cause.stack ?? cause.message)
}
