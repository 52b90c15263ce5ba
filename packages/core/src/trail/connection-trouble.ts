import { TrailError } from '@steptrail/event'

/**
 * Classes of SQLSTATE after which the same statement may succeed on another connection: connection (08),
 * a standby's conflict with what it replays (40), resources (53), operator intervention (57); and a write that came to
 * a standby (25006), as in the middle of a failover.
 */
const passingState = /^(?:(?:08|40|53|57)[0-9A-Z]{3}|25006)$/

const lostConnection: ReadonlySet<string> = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
])

/** How the driver words it where it gives no code. */
const lostConnectionMessage = /^(?:Connection terminated|Client has encountered a connection error)/

/** Whether the error says that the database was out of reach for a while, rather than that it refused. */
export function isConnectionTrouble(error: unknown): boolean {
  if (error instanceof TrailError) return error.code === 'database_unreachable'
  if (!(error instanceof Error)) return false
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return passingState.test(code) || lostConnection.has(code) || lostConnectionMessage.test(error.message)
}
