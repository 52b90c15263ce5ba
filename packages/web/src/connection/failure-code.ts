import { TrailError } from '@steptrail/client'
import type { ErrorCode } from '@steptrail/event'

/** The code of an error of ours; `fault` for any other. A proxy that refuses knows no code of ours: its status says it. */
export function codeOf(error: unknown): ErrorCode {
  if (!(error instanceof TrailError)) return 'fault'
  return refusals[refusalBefore(error) ?? Number.NaN] ?? error.code
}

/** A status of 0 is a way to another place that the browser does not tell: to where one signs in. */
const refusals: Readonly<Record<number, ErrorCode>> = {
  0: 'unauthenticated',
  401: 'unauthenticated',
  403: 'access_denied',
}

/** With which status somebody before the server refused a request, such as a proxy; undefined where nobody did. */
export function refusalBefore(error: unknown): number | undefined {
  if (!(error instanceof TrailError) || error.code !== 'server_unreachable') return undefined
  const { status } = error.details
  return typeof status === 'number' && status in refusals ? status : undefined
}
