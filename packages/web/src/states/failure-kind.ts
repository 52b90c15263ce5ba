import type { ErrorCode } from '@steptrail/event'
import { codeOf, refusalBefore } from '../connection/failure-code.ts'

/** What kind of trouble an error is, for a title. */
export interface FailureKind {
  readonly title: string
  /** One sign, or the status of the answer. */
  readonly mark?: string
}

/**
 * What kind of trouble an error is, whatever was asked: who refused it, or that nobody answered. Undefined for what the
 * server says against this request alone. A refusal by something before the server is never one of ours: no key of ours
 * would change it.
 */
export function failureKind(error: unknown): FailureKind | undefined {
  const status = refusalBefore(error)
  if (status === undefined) return kinds[codeOf(error)]
  const title = 'Something before the server refused this'
  return status === 0 ? { title } : { title, mark: String(status) }
}

/** What to do about a refusal by something before the server. */
export const signInBefore =
  'It may be a proxy: sign in there, in another tab, and try again; or ask who runs it.'

const kinds: Readonly<Partial<Record<ErrorCode, FailureKind>>> = {
  unauthenticated: { title: 'The server asks for a key', mark: '401' },
  access_denied: { title: 'This key may not do that', mark: '403' },
  server_unreachable: { title: 'The server does not answer', mark: '⚡' },
  fault: { title: 'Something went wrong', mark: '!' },
  rate_limited: { title: 'Too many requests', mark: '429' },
}
