import type { Problem } from '@steptrail/client/messages'
import { isConnectionTrouble } from '@steptrail/core'
import { errorCodes, TrailError } from '@steptrail/event'
import { statusOf } from './status.ts'

/** SQLSTATE of a statement that ran longer than it may. */
const queryCanceled = '57014'
/** SQLSTATE of what this login may not do. */
const insufficientPrivilege = '42501'

/** SQLSTATEs of text with U+0000, as such and in JSON. */
const characterZero = ['22021', '22P05']

/** What a caller is told of an error; what is no business of a caller's is not in it. */
export function problemOf(error: unknown, instance: string): Problem {
  const known = knownError(error)
  const { title, action } = errorCodes[known.code]
  const parameter = parameterOf(known)
  return {
    type: `urn:steptrail:error:${known.code}`,
    title,
    status: statusOf[known.code],
    detail: known.message,
    // Some errors are to say nothing of what was asked for.
    instance: typeof known.details['instance'] === 'string' ? known.details['instance'] : instance,
    code: known.code,
    action,
    ...(parameter !== undefined && { parameter }),
  }
}

/** The error as one of ours. */
function knownError(error: unknown): TrailError {
  if (error instanceof TrailError && error.code !== 'database_unreachable') return inTermsOfTheApi(error)
  if (sqlStateOf(error) === queryCanceled)
    return new TrailError(
      'request_timeout',
      'the database took longer for this than the server allows: ask for a shorter time or give more filters',
    )
  if (isConnectionTrouble(error))
    return new TrailError('database_unreachable', 'the database cannot be reached just now: try again')
  if (sqlStateOf(error) === insufficientPrivilege)
    return new TrailError(
      'insufficient_privilege',
      'the server’s login may not do this in the database: see `steptrail doctor`',
    )
  if (characterZero.includes(sqlStateOf(error) ?? ''))
    return new TrailError(
      'invalid_input',
      'the request holds the character U+0000, which no text on record can have: leave it out',
    )
  return new TrailError('fault', 'something went wrong in the server that should not')
}

function sqlStateOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** Filters have the names of the library in errors of the library, and are parameters here. */
function inTermsOfTheApi(error: TrailError): TrailError {
  const { filter } = error.details
  if (error.code !== 'invalid_filter' || typeof filter !== 'string') return error
  const parameter = inSnakeCase(filter)
  const message = error.message
    .replace(/^[Tt]he filter /, 'the parameter ')
    .replaceAll(/\b(?:startDate|endDate)\b/g, inSnakeCase)
    .replace(filter, parameter)
  return new TrailError('invalid_filter', message, { details: { parameter }, cause: error })
}

/** `startDate` → `start_date`. */
const inSnakeCase = (name: string): string =>
  name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

function parameterOf({ details }: TrailError): string | undefined {
  const { parameter, path } = details
  if (typeof parameter === 'string') return parameter
  return typeof path === 'string' ? path : undefined
}
