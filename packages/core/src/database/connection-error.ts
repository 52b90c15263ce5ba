import { TrailError } from '@steptrail/event'

const hints: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there: check host and port, and that the server runs',
  ECONNRESET: 'the server closed the connection: check that it runs and speaks PostgreSQL',
  ENOTFOUND: 'the host name is unknown: check it',
  EAI_AGAIN: 'the host name could not be looked up: check it, and the network',
  ETIMEDOUT: 'the host did not answer: check host, port and firewall',
  EHOSTUNREACH: 'there is no way to the host: check the host and the network',
  ENOENT: 'there is no such socket: check the directory given as host, and that the server runs',
  EACCES: 'this user may not open the socket: check its permissions',
  '28P01': 'the password is wrong: check user and password',
  '28000': 'the server does not let this user in: check the user, and pg_hba.conf on the server',
  '3D000': 'there is no such database: create it, or correct the name',
  '53300': 'the server has no connection left: raise max_connections, or use fewer',
  '57P03': 'the server is starting up or shutting down: try again',
}

/** The `database_unreachable` error for a connection that could not be made. `name` is the database's, without password. */
export function connectionError(error: unknown, name: string): TrailError {
  const code = codeOf(error)
  const hint = isPoolEmpty(error) ? poolHint : (hints[code ?? ''] ?? 'check host, port, user and password')
  return new TrailError('database_unreachable', `cannot connect to ${name} (${messageOf(error)}): ${hint}`, {
    details: { database: name, advice: hint, ...(code === undefined ? {} : { cause: code }) },
    cause: error,
  })
}

/** Whether it was waited in vain for a connection that others hold. */
const isPoolEmpty = (error: unknown): boolean =>
  error instanceof Error && error.message === 'timeout exceeded when trying to connect'

const poolHint =
  'all connections of this program are in use, or none can be made: raise maxConnections, or hold them for less long'

/** Whether the server is out of reach, rather than that it does not let this user in or has no such database. */
export const isAway = ({ code, details }: TrailError): boolean =>
  code === 'database_unreachable' && !/^(?:28|3D)/.test(String(details['cause']))

/** The system's or the server's code of an error, also of one that gathers several attempts to connect. */
function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  if ('code' in error && typeof error.code === 'string') return error.code
  if (error instanceof AggregateError) return codeOf(error.errors[0])
  return error instanceof Error && /timeout/i.test(error.message) ? 'ETIMEDOUT' : undefined
}

function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '')
    return error.errors.map((each) => messageOf(each)).join('; ')
  return error instanceof Error ? error.message : String(error)
}
