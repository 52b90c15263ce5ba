import type { ReportedError } from './dispatch.ts'
import { workflowLimits as limits } from './limits.ts'

/** What of an error is reported. */
export interface ErrorReporting {
  /** Also the stack trace. It may hold paths and values, so it is left out unless asked for. */
  readonly recordStack: boolean
}

/** Causes of an error that are told, and errors that one is made of. */
const mostCauses = 5

/**
 * What a handler threw as it is reported: message, with those of its causes, which may alone say what happened (of
 * `fetch failed`, say); `code` where it is a text, or else that of its nearest cause; `reason` where the error offers
 * one. Every text is cut to its limit and free of what PostgreSQL cannot store. Anything may have been
 * thrown: reading it never throws.
 */
export function reportedError(thrown: unknown, { recordStack }: ErrorReporting): ReportedError {
  const causes = causesOf(thrown)
  const [code] = [thrown, ...causes].flatMap((error) => textOf(error, 'code', limits.errorCodeLength) ?? [])
  const reason = textOf(thrown, 'reason', limits.errorTextLength)
  const retryAfterMs = delayOf(thrown)
  const stack = recordStack ? textOf(thrown, 'stack', limits.errorStackLength) : undefined
  return {
    message: storableText(withCauses(messageOf(thrown, code), causes), limits.errorTextLength),
    ...(code !== undefined && { code }),
    ...(reason !== undefined && { reason }),
    ...(read(thrown, 'fatal') === true && { fatal: true }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(stack !== undefined && { stack }),
  }
}

/** What an error was caused by, the nearest first; of one that is made of several, these. */
function causesOf(thrown: unknown): readonly unknown[] {
  const found: unknown[] = [thrown]
  for (let at = 0; at < found.length && found.length <= mostCauses; at += 1)
    for (const cause of [read(found[at], 'cause'), ...errorsOf(found[at])])
      if (cause !== undefined && cause !== null && !found.includes(cause)) found.push(cause)
  return found.slice(1, 1 + mostCauses)
}

/** Those that an `AggregateError` is made of. */
function errorsOf(thrown: unknown): readonly unknown[] {
  const errors = read(thrown, 'errors')
  if (!Array.isArray(errors)) return []
  return Array.from({ length: Math.min(mostCauses, errors.length) }, (_, place) =>
    read(errors, String(place)),
  )
}

/** Each cause once, and none that the message names already. */
function withCauses(message: string, causes: readonly unknown[]): string {
  let told = message
  for (const cause of causes) {
    const text = typeof cause === 'string' ? cause : textOf(cause, 'message', limits.errorTextLength)
    if (text !== undefined && text !== '' && !told.includes(text)) told = `${told}: ${text}`
  }
  return told
}

function messageOf(thrown: unknown, code: string | undefined): string {
  const length = limits.errorTextLength
  if (typeof thrown === 'string') return storableText(thrown, length) || 'an empty text was thrown'
  const message = textOf(thrown, 'message', length)
  if (message !== undefined) return message
  if (typeof thrown === 'function') return 'a function was thrown'
  if (typeof thrown !== 'object' || thrown === null)
    return storableText(`${String(thrown)} was thrown`, length)
  // Such as the AggregateError of a refused connection, which says all in its code.
  const name = textOf(thrown, 'name', length)
  if (name !== undefined) return code === undefined ? name : storableText(`${name} ${code}`, length)
  return 'an object without a message was thrown'
}

/** A text property that is not blank, bounded; undefined when there is none, or reading it throws. */
function textOf(value: unknown, key: string, length: number): string | undefined {
  const property = read(value, key)
  return typeof property === 'string' && property.trim() !== '' ? storableText(property, length) : undefined
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

/** A text that PostgreSQL can store: cut to the length with an ellipsis, well formed, without U+0000. */
export function storableText(text: string, length: number): string {
  const cut = text.length > length ? `${text.slice(0, length - 1)}…` : text
  return cut.toWellFormed().replaceAll('\0', '\u{FFFD}')
}
