import { type ErrorCode, errorCodes, TrailError } from '@steptrail/event'

/** A call over a port: a method by name, with arguments that can be cloned. */
export interface CallMessage {
  readonly kind: 'call'
  readonly id: number
  readonly method: string
  readonly values: readonly unknown[]
}

/** The caller no longer waits for what it called. */
export interface CancelMessage {
  readonly kind: 'cancel'
  readonly id: number
}

/** What came of a call. */
export type ReplyMessage =
  | { readonly kind: 'reply'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'thrown'; readonly id: number; readonly error: PlainError }

/** An error as data: cloning an Error would lose its code. */
export interface PlainError {
  readonly message: string
  readonly code: string | null
}

/** The error as data. */
export function plainError(error: unknown): PlainError {
  if (!(error instanceof Error)) return { message: String(error), code: null }
  return {
    message: error.message,
    code: 'code' in error && typeof error.code === 'string' ? error.code : null,
  }
}

/** The error again: a TrailError if it was one, else an Error with its code, such as an SQLSTATE. */
export function errorOf({ message, code }: PlainError): Error {
  if (code !== null && isErrorCode(code)) return new TrailError(code, message)
  return Object.assign(new Error(message), code !== null && { code })
}

const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(errorCodes, code)
