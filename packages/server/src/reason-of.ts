import { isConnectionTrouble } from '@steptrail/core'
import { TrailError } from '@steptrail/event'

/** Why something failed, for a log: in a line what is known or came from the database or system, of a fault the stack. */
export function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  const isKnown = cause instanceof TrailError || isConnectionTrouble(cause) || isOfOthers(cause)
  return isKnown && cause.message !== '' ? cause.message : (cause.stack ?? cause.message)
}

/** Errors of the database have a severity, and those of the system its call. A code have faults of Node's callers, too. */
const isOfOthers = (error: Error): boolean => 'severity' in error || 'syscall' in error
