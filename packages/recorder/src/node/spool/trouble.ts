import { TrailError } from '@steptrail/event'

/** The error for a spool that cannot do what it was asked to; its message says why and what to do. */
export function spoolUnavailable(directory: string, cause: unknown): TrailError {
  if (cause instanceof TrailError) return cause
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined
  const what = cause instanceof Error ? cause.message : String(cause)
  return new TrailError(
    'spool_unavailable',
    `the spool in ${directory} cannot be used: ${adviceOf(code, what)}`,
    {
      details: { directory, ...(code === undefined ? {} : { code }) },
      cause,
    },
  )
}

/**
 * The claim of an adopter is the renaming of the directory. Whoever still finds its own directory in place after a
 * sync knows that an adopter, coming later, finds what was synced.
 */
export const takenAway = (directory: string): TrailError =>
  new TrailError(
    'spool_unavailable',
    `the spool's directory ${directory} was removed or taken by another process while this one was using it; a new one is made for what comes next`,
    { details: { directory, code: 'taken_away' } },
  )

/** The error for what comes after the end. */
export const spoolClosed = (directory: string): TrailError =>
  new TrailError(
    'spool_unavailable',
    `the spool in ${directory} was closed: open it again, or close it after what uses it`,
    { details: { directory } },
  )

function adviceOf(code: string | undefined, what: string): string {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return `there is no room on the disk (${what}); make room, the spool then goes on by itself`
    case 'EFBIG':
      return `a file may not become so large (${what}); let files of this process be larger (ulimit -f)`
    case 'EROFS':
      return `it may not be written to (${what}); use a directory that may be`
    case 'EACCES':
    case 'EPERM':
      return `this user may not use it (${what}); use another directory, or be the user whose it is`
    case 'ENOTDIR':
    case 'EEXIST':
      return `a part of its path is a file (${what}); use another directory`
    default:
      return what
  }
}
