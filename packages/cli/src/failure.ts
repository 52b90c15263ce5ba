import { isConnectionTrouble } from '@steptrail/core'
import { errorCodes, TrailError } from '@steptrail/event'
import { isOfFile, sqlStateOf } from './exit-code.ts'
import type { Surroundings } from './surroundings.ts'
import { type Terminal, terminalOf } from './terminal/terminal.ts'
import { printable } from './terminal/text.ts'

/** An error as it is told: what happened, what to do, and for programs its code. */
export interface Failure {
  readonly code: string
  readonly message: string
  readonly action: string
}

/** What to tell of an error that ended a run. */
export function failureOf(error: unknown): Failure {
  if (error instanceof TrailError)
    return { code: error.code, message: error.message, action: errorCodes[error.code].action }
  const message = error instanceof Error ? error.message : String(error)
  const sqlState = sqlStateOf(error)
  if (sqlState !== null)
    return {
      code: 'database_refused',
      message: `the database refused: ${message} (SQLSTATE ${sqlState})`,
      action:
        (isCancelled(sqlState, message) ? undefined : actionsByState[sqlState]) ??
        'Check that the user may do this in the database, and that the schema is the one you mean.',
    }
  if (isConnectionTrouble(error))
    return {
      code: 'database_unreachable',
      message: `the connection to the database was lost: ${message}`,
      action: 'Run it again; when it happens again, the log of the database says who ended it, or why.',
    }
  if (isOfFile(error))
    return {
      code: 'file_refused',
      message: `a file cannot be used as it was to be: ${message}`,
      action: 'Check the path, whether you may write there, and whether the disk has room.',
    }
  return {
    code: 'fault',
    message: `something went wrong that should not: ${message}`,
    action: 'Run it again with STEPTRAIL_DEBUG=1 and report what it shows.',
  }
}

/** By a person, who has the same SQLSTATE as a timeout. */
const isCancelled = (sqlState: string, message: string): boolean =>
  sqlState === '57014' && !message.includes('timeout')

const isTooSlow = (setting: string): string =>
  `The login, or the database, has a ${setting}, and this took longer: give the login that does it one of its own, as by \`alter role … set ${setting} = 0\`.`

const actionsByState: Readonly<Record<string, string>> = {
  '25006': 'Give the URL of the primary: this is a standby, or a database that was made read-only.',
  '42501':
    'Connect as a login that may: `steptrail doctor` tells what this one may do, and as what role the rest is done.',
  '57014': isTooSlow('statement_timeout'),
  '55P03': isTooSlow('lock_timeout'),
  '25P03': isTooSlow('idle_in_transaction_session_timeout'),
  '25P04': isTooSlow('transaction_timeout'),
  '57P05': isTooSlow('idle_session_timeout'),
}

/** Tells of an error on standard error, as text or as one JSON document, never as a stack unless that was asked for. */
export function tellFailure(
  error: unknown,
  { stderr, env }: Surroundings,
  { json }: { readonly json: boolean },
): void {
  const failure = failureOf(error)
  if (json) stderr.write(`${JSON.stringify({ error: failure })}\n`)
  else stderr.write(textOf(failure, terminalOf(stderr, env)))
  if (isDebugging(env) && error instanceof Error) stderr.write(`${error.stack ?? ''}\n`)
}

/** Lines are left as long as they are, so that what is to be typed next can be copied. */
function textOf({ code, message, action }: Failure, { paint }: Terminal): string {
  const isSaid = message.toLowerCase().includes(action.toLowerCase().replace(/\.$/, ''))
  const lines = [
    `${paint(['red', 'bold'], 'error')} ${printable(message)}`,
    ...(isSaid ? [] : [indent + printable(action)]),
    paint('dim', indent + code),
  ]
  return `${lines.join('\n')}\n`
}

const indent = ' '.repeat('error '.length)

const isDebugging = (env: Surroundings['env']): boolean => env['STEPTRAIL_DEBUG'] === '1'
