import { type ErrorCode, errorCodes, TrailError } from '@steptrail/event'
import { type Problem, problemSchema } from '../messages/problem.ts'
import { retryAfterMs } from './retry-after.ts'

/**
 * The error that an answer is: with the code, the message and the parameter of the problem that the server tells. What
 * is no problem of a Steptrail server, but of something in between, is `server_unreachable`. `details` has `status`,
 * `requestId` for the server's log, and `retryAfterMs` where the answer says when to try again.
 */
export async function answerError(response: Response, asked: string): Promise<TrailError> {
  const { status, headers, type } = response
  const text = await response.text().catch(() => '')
  const waitMs = retryAfterMs(headers.get('retry-after'), Date.now())
  const requestId = headers.get('x-request-id')
  const details = {
    status,
    ...(waitMs !== undefined && { retryAfterMs: waitMs }),
    ...(requestId !== null && { requestId }),
  }
  // A browser does not tell where a redirect leads, nor its status.
  const said = type === 'opaqueredirect' ? 'a redirect' : `status ${status}`
  const problem = problemSchema.safeParse(jsonOf(text)).data
  if (!problem)
    return unreachable(`${asked} was answered with ${said}, and not by a Steptrail server`, details)
  return answerProblem(problem, details)
}

/** The error that a problem of the server is. */
export const answerProblem = (
  { code, detail, parameter, status }: Problem,
  details: Readonly<Record<string, unknown>>,
): TrailError =>
  new TrailError(knownCode(code), detail, {
    details: {
      status,
      ...details,
      ...(parameter !== undefined && { parameter }),
      ...(!isCode(code) && { code }),
    },
  })

/** The error for a server that did not answer, or not as one does. */
export const unreachable = (
  message: string,
  details: Readonly<Record<string, unknown>>,
  cause?: unknown,
): TrailError =>
  new TrailError('server_unreachable', message, { details, ...(cause !== undefined && { cause }) })

/** A later server may know more errors than this client. */
const knownCode = (code: string): ErrorCode => (isCode(code) ? code : 'fault')
const isCode = (code: string): code is ErrorCode => Object.hasOwn(errorCodes, code)

/** What the text says as JSON; undefined where it is none, as the page of a proxy. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
