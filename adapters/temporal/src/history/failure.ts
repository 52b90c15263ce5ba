import type { ObservedError } from '@steptrail/core'
import type { Failure } from './event-attributes.ts'
import { jsonOfPayload } from './payload.ts'

/** A failure in the words of its message and of what caused it first, as far as these are to be read. */
export function errorOfFailure(failure: Failure | null | undefined): ObservedError {
  if (!failure) return { message: 'Temporal has kept no failure' }
  const root = rootOf(failure)
  const said = [failure, root].map(messageOf)
  const isUnseen = said.includes(null)
  const message = [...new Set(said.filter(Boolean))].join(': ')
  return {
    message: message || (isUnseen ? encoded : 'failed without a message'),
    code: codeOf(root) ?? codeOf(failure),
    ...(isUnseen && { isUnseen }),
  }
}

const encoded = 'Not observable: a converter of the application has encoded it'

/** Null where a converter has encoded it, and a codec perhaps encrypted that. */
function messageOf({ message = '', encodedAttributes }: Failure): string | null {
  if (!encodedAttributes) return message
  const attributes = jsonOfPayload(encodedAttributes)
  if (typeof attributes !== 'object' || attributes === null || !('message' in attributes)) return null
  return typeof attributes.message === 'string' ? attributes.message : null
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
