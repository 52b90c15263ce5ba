import type { ReportedError } from './dispatch.ts'
import { workflowLimits as limits } from './limits.ts'

/** What of an error is reported. */
export interface ErrorReporting {
  /** Also the stack trace. It may hold paths and values, so it is left out unless asked for. */
  readonly recordStack: boolean
}

/**
 * What a handler threw as it is reported: message, `code` where it is a text, `reason` where the error offers
 * one. Every text is cut to its limit and free of what PostgreSQL cannot store. Anything may have been
 * thrown: reading it never throws.
 */
export function reportedError(thrown: unknown, { recordStack }: ErrorReporting): ReportedError {
  const code = textOf(thrown, 'code', limits.errorCodeLength)
  const reason = textOf(thrown, 'reason', limits.errorTextLength)
  const retryAfterMs = delayOf(thrown)
  const stack = recordStack ? textOf(thrown, 'stack', limits.errorStackLength) : undefined
  return {
    message: messageOf(thrown, code),
    ...(code !== undefined && { code }),
    ...(reason !== undefined && { reason }),
    ...(read(thrown, 'fatal') === true && { fatal: true }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(stack !== undefined && { stack }),
  }
}

function messageOf(thrown: unknown, code: string | undefined): string {
  const length = limits.errorTextLength
  if (typeof thrown === 'string') return bounded(thrown, length) || 'an empty text was thrown'
  const message = textOf(thrown, 'message', length)
  if (message !== undefined) return message
  if (typeof thrown !== 'object' || thrown === null) return bounded(`${String(thrown)} was thrown`, length)
  // Such as the AggregateError of a refused connection, which says all in its code.
  const name = textOf(thrown, 'name', length)
  if (name !== undefined) return code === undefined ? name : bounded(`${name} ${code}`, length)
  return 'an object without a message was thrown'
}

/** A text property that is not blank, bounded; undefined when there is none, or reading it throws. */
function textOf(value: unknown, key: string, length: number): string | undefined {
  const property = read(value, key)
  return typeof property === 'string' && property.trim() !== '' ? bounded(property, length) : undefined
}

/** A delay that is a number, brought within its limits. */
function delayOf(thrown: unknown): number | undefined {
  const delay = read(thrown, 'retryAfterMs')
  if (typeof delay !== 'number' || Number.isNaN(delay)) return undefined
  return Math.round(Math.min(limits.backoffMs, Math.max(0, delay)))
}

function read(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  try {
    return Reflect.get(value, key)
  } catch {
    // A getter or a proxy that throws offers nothing to report, which is what the caller has to know.
    return undefined
  }
}

/** A text as it can be stored: cut to the length with an ellipsis, well formed, without U+0000. */
export function bounded(text: string, length: number): string {
  const cut = text.length > length ? `${text.slice(0, length - 1)}…` : text
  return cut.toWellFormed().replaceAll('\0', '\u{FFFD}')
}
