import { type Actor, eventLimits, type EventInput, type JsonInput } from '@steptrail/event'
import type { Timers } from './timers.ts'

/** Facts beside the columns of an event: what goes into `details`. */
export type ExtraInfo = Readonly<Record<string, JsonInput | undefined>>

type GivenByOperation =
  'eventType' | 'id' | 'timestamp' | 'status' | 'durationMs' | 'details' | 'actorType' | 'actorId' | 'action'

/** What an operation is. Beside what is named here, any column of an event. */
export interface OperationOptions extends Omit<EventInput, GivenByOperation> {
  /** What is done, such as `scan_process`. */
  readonly action: string
  /** Who does it. Default: not known. */
  readonly actor?: Actor | undefined
  /** What is known of it beforehand. It goes on record as it is when the operation ends. Default: nothing. */
  readonly extraInfo?: ExtraInfo | undefined
}

/** An operation that is under way. */
export interface Operation {
  /** Adds to what goes on record about it; a key that is there already is replaced. */
  add(info: ExtraInfo): void
  /** It will have ended with a warning, should it succeed. */
  warn(message: string): void
}

/**
 * An operation that ends where its block ends. It has failed unless `succeed` was called before: a block that is left
 * by an error does not say so to what it disposes of.
 */
export interface OpenOperation extends Operation, AsyncDisposable {
  /** It has succeeded. */
  succeed(info?: ExtraInfo): void
  /** It has failed with this error. */
  fail(error: unknown): void
}

/** What an operation needs. */
export interface OperationEnvironment {
  readonly timers: Timers
  /** Takes the event when the operation has ended. */
  readonly record: (event: EventInput) => void | Promise<void>
}

/** Begins an operation: its time runs from now on. */
export function beginOperation(
  { action, actor, extraInfo, ...columns }: OperationOptions,
  { timers, record }: OperationEnvironment,
): OpenOperation {
  const beganMs = timers.elapsedMs()
  let info: ExtraInfo = { ...extraInfo }
  let warning: string | undefined
  let outcome: { readonly isSuccess: true } | { readonly error: unknown } | undefined
  let recorded: Promise<void> | undefined
  const eventOf = (): EventInput => ({
    ...columns,
    eventType: 'OPERATION',
    action,
    durationMs: Math.max(0, Math.round(timers.elapsedMs() - beganMs)),
    ...(actor && { actorType: actor.type, actorId: actor.id }),
    ...ending(),
  })
  const ending = (): Partial<EventInput> => {
    if (outcome && 'isSuccess' in outcome) {
      if (warning === undefined) return { status: 'SUCCESS', details: info }
      return {
        status: 'WARNING',
        severity: columns.severity ?? 'warning',
        message: storable(warning),
        details: info,
      }
    }
    const error = outcome ? outcome.error : 'the operation was left before it had succeeded'
    return {
      status: 'FAILED',
      severity: columns.severity ?? 'error',
      message: storable(messageOf(error)),
      details: { ...info, error: reportOf(error) },
    }
  }
  return {
    add: (more) => {
      info = { ...info, ...more }
    },
    warn: (message) => {
      warning = message
    },
    succeed: (more) => {
      info = { ...info, ...more }
      outcome ??= { isSuccess: true }
    },
    fail: (error) => {
      outcome ??= { error }
    },
    [Symbol.asyncDispose]: () => {
      recorded ??= Promise.resolve(record(eventOf()))
      return recorded
    },
  }
}

/** Runs `work` as an operation: a success when it returns, a failure when it throws, which is thrown on. */
export async function performOperation<T>(
  operation: OpenOperation,
  work: (operation: Operation) => T | Promise<T>,
): Promise<T> {
  try {
    const result = await work(operation)
    operation.succeed()
    return result
  } catch (error) {
    operation.fail(error)
    throw error
  } finally {
    await operation[Symbol.asyncDispose]()
  }
}

function reportOf(error: unknown): Readonly<Record<string, JsonInput | undefined>> {
  const name = error instanceof Error ? storable(error.name) : undefined
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined
  return {
    message: storable(messageOf(error)),
    name,
    code: typeof code === 'string' ? storable(code) : typeof code === 'number' ? code : undefined,
  }
}

/** An error may be anything, and may not even have a text. */
function messageOf(error: unknown): string {
  try {
    const text: unknown = error instanceof Error ? error.message : error
    return String(text)
  } catch {
    return 'an error that has no text'
  }
}

const storable = (text: string): string =>
  text.slice(0, eventLimits.textLength).replaceAll('\u0000', '').toWellFormed()
