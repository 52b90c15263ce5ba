import type { ObservedError } from '@steptrail/core'
import type { Failure } from './event-attributes.ts'

/** A failure in the words of its message and of what caused it first. */
export function errorOfFailure(failure: Failure | null | undefined): ObservedError {
  if (!failure) return { message: 'Temporal has kept no failure' }
  const root = rootOf(failure)
  const messages = [failure, root].flatMap(({ message }) => (message ? [message] : []))
  const message = [...new Set(messages)].join(': ') || 'failed without a message'
  return { message, code: codeOf(root) ?? codeOf(failure) }
}

function rootOf(failure: Failure): Failure {
  let root = failure
  while (root.cause) root = root.cause
  return root
}

function codeOf(failure: Failure): string | undefined {
  if (failure.canceledFailureInfo) return 'CANCELED'
  if (failure.terminatedFailureInfo) return 'TERMINATED'
  const { timeoutType } = failure.timeoutFailureInfo ?? {}
  if (timeoutType) return `TIMEOUT_${constantOf(timeoutType).replace(/^TIMEOUT_TYPE_/, '')}`
  return failure.applicationFailureInfo?.type || undefined
}

/** The name of a value as today's tools write it, whose older ones wrote `StartToClose` for `TIMEOUT_TYPE_START_TO_CLOSE`. */
export const constantOf = (name: string): string =>
  /[a-z]/.test(name) ? name.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase() : name
