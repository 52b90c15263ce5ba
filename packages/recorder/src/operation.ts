/// <reference lib="esnext.disposable" preserve="true" />
import { type Actor, eventLimits, type EventInput, type JsonInput } from '@steptrail/event'
import { errorText } from './error-text.ts'
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
  /** Takes what makes the event, when the operation has ended; it throws when the event cannot be made. */
  readonly record: (eventOf: () => EventInput) => void | Promise<void>
}

/** How an operation ended. */
type Outcome = { readonly isSuccess: true } | { readonly error: unknown }

/**
 * Begins an operation: its time runs from now on. Nothing that it is given makes it throw, for then the trail would
 * break the work: what cannot be read makes the event refused, when the operation has ended.
 */
export function beginOperation(
  options: OperationOptions,
  { timers, record }: OperationEnvironment,
): OpenOperation {
  const beganMs = timers.elapsedMs()
  const given = new Readings()
  const { action = '', actor, extraInfo, ...columns } = given.copyOf(options)
  let info: ExtraInfo = given.copyOf(extraInfo)
  let warning: string | undefined
  let outcome: Outcome | undefined
  let recorded: Promise<void> | undefined
  const add = (more: ExtraInfo | undefined): void => {
    info = { ...info, ...given.copyOf(more) }
  }
  const eventOf = (durationMs: number): EventInput => {
    given.check()
    return {
      ...columns,
      eventType: 'OPERATION',
      action,
      durationMs,
      ...(actor && { actorType: actor.type, actorId: actor.id }),
      ...endingOf(outcome, { warning, info, severity: columns.severity }),
    }
  }
  return {
    add,
    warn: (message) => {
      warning = errorText(message)
    },
    succeed: (more) => {
      add(more)
      outcome ??= { isSuccess: true }
    },
    fail: (error) => {
      outcome ??= { error }
    },
    [Symbol.asyncDispose]: () => {
      const durationMs = Math.max(0, Math.round(timers.elapsedMs() - beganMs))
      recorded ??= Promise.resolve(record(() => eventOf(durationMs)))
      return recorded
    },
  }
}

/** Copies of what an operation is given, and the first error that something threw when it was read. */
class Readings {
  #failed: { readonly error: unknown } | undefined

  /** The object's own keys and values; none when it cannot be read, or is not there. */
  copyOf<T extends object>(given: T | undefined): Partial<T> {
    try {
      return { ...given }
    } catch (error) {
      this.#failed ??= { error }
      return {}
    }
  }

  /** Throws what a reading threw. */
  check(): void {
    if (this.#failed) throw this.#failed.error
  }
}

/** What goes on record about how it ended; without an outcome, it was left early. */
function endingOf(
  outcome: Outcome | undefined,
  {
    warning,
    info,
    severity,
  }: Pick<EventInput, 'severity'> & { warning: string | undefined; info: ExtraInfo },
): Partial<EventInput> {
  if (outcome && 'isSuccess' in outcome) {
    if (warning === undefined) return { status: 'SUCCESS', details: info }
    return { status: 'WARNING', severity: severity ?? 'warning', message: storable(warning), details: info }
  }
  const error = outcome ? outcome.error : 'the operation was left before it had succeeded'
  return {
    status: 'FAILED',
    severity: severity ?? 'error',
    message: storable(errorText(error)),
    details: { ...info, error: reportOf(error) },
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
  return {
    message: storable(errorText(error)),
    name: partOf(error, 'name'),
    code: partOf(error, 'code'),
  }
}

/** A part of an error, where it is a text or a number. An error may be anything, and may not let itself be read. */
function partOf(error: unknown, key: 'name' | 'code'): string | number | undefined {
  try {
    const part: unknown =
      error instanceof Error ? (error as Partial<Record<'name' | 'code', unknown>>)[key] : undefined
    if (Number.isSafeInteger(part)) return part as number
    return typeof part === 'string' || typeof part === 'number' ? storable(String(part)) : undefined
  } catch {
    return undefined
  }
}

const storable = (text: string): string =>
  text.slice(0, eventLimits.textLength).replaceAll('\u0000', '').toWellFormed()
