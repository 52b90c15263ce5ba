import {
  carefulLogger,
  createEventCatalogue,
  createUuidV7Generator,
  defaultRedaction,
  systemClock,
  TrailError,
} from '@steptrail/event'
import { overflowPolicies, type OverflowPolicy, type RecorderOptions } from './recorder-options.ts'
import { systemTimers } from './timers.ts'

/** The options with their defaults. */
export type Settings = ReturnType<typeof settingsOf>

/**
 * The options with their defaults.
 *
 * @throws TrailError `invalid_configuration` for a number that is none of its kind, an overflow policy there is not,
 *   and for `spool` or `spoolFirst` without a spool, unless nothing is recorded anyway
 */
export function settingsOf(options: RecorderOptions) {
  const { spool, spoolFirst = false } = options
  const overflow = overflowOf(options)
  const isEnabled = options.enabled ?? true
  if (spoolFirst && !spool && isEnabled)
    refuse('spoolFirst', true, 'needs a spool: give one, or leave it out')
  const isQueued = options.queued ?? true
  const writesInFlight = whole(options, 'writesInFlight', { least: 1, otherwise: 3 })
  return {
    sink: options.sink,
    spool,
    spoolFirst,
    overflow,
    isQueued,
    isEnabled,
    catalogue: options.catalogue ?? createEventCatalogue(),
    redaction: options.redaction ?? defaultRedaction,
    activeSpan: options.activeSpan,
    serviceName: options.serviceName,
    queueEvents: whole(options, 'queueEvents', { least: 1, otherwise: 10_000 }),
    queueBytes: whole(options, 'queueBytes', { least: 1, otherwise: 64 * 1024 ** 2 }),
    batchEvents: whole(options, 'batchEvents', { least: 1, otherwise: 2000 }),
    batchBytes: whole(options, 'batchBytes', { least: 1, otherwise: usualBatchBytes }),
    batchAgeMs: whole(options, 'batchAgeMs', { least: 0, most: longestMs, otherwise: 100 }),
    writesInFlight: isQueued ? writesInFlight : Number.POSITIVE_INFINITY,
    replaysInFlight: writesInFlight,
    writeTimeoutMs: whole(options, 'writeTimeoutMs', { least: 1, most: longestMs, otherwise: 30_000 }),
    retryMinMs: whole(options, 'retryMinMs', { least: 1, most: longestMs, otherwise: 100 }),
    retryMaxMs: whole(options, 'retryMaxMs', { least: 1, most: longestMs, otherwise: 30_000 }),
    failuresBeforeSpool: whole(options, 'failuresBeforeSpool', { least: 1, otherwise: 3 }),
    clock: options.clock ?? systemClock,
    timers: options.timers ?? systemTimers,
    random: options.random ?? Math.random,
    nextId: options.nextId ?? createUuidV7Generator(),
    logger: carefulLogger(options.logger ?? console),
  }
}

/** About the most characters of JSON in a batch, unless somebody says otherwise. */
export const usualBatchBytes = 4 * 1024 ** 2

/** The longest time that timers measure, in milliseconds. */
export const longestMs = 2 ** 31 - 1

/** @throws TrailError `invalid_configuration` for a deadline that no timer can keep */
export function checkDeadline(deadlineMs: number | undefined): void {
  if (deadlineMs === undefined) return
  if (Number.isSafeInteger(deadlineMs) && deadlineMs >= 0 && deadlineMs <= longestMs) return
  refuse('deadlineMs', deadlineMs, `is no whole number from 0 to ${longestMs}`)
}

function overflowOf({ overflow, spool, enabled = true }: RecorderOptions): OverflowPolicy {
  if (overflow === undefined) return spool ? 'spool' : 'drop-newest'
  if (!overflowPolicies.includes(overflow))
    return refuse('overflow', overflow, `is none of ${overflowPolicies.join(', ')}`)
  if (overflow === 'spool' && !spool && enabled)
    return refuse('overflow', overflow, 'needs a spool: give one')
  return overflow
}

type WholeOption =
  | 'queueEvents'
  | 'queueBytes'
  | 'batchEvents'
  | 'batchBytes'
  | 'batchAgeMs'
  | 'writesInFlight'
  | 'writeTimeoutMs'
  | 'retryMinMs'
  | 'retryMaxMs'
  | 'failuresBeforeSpool'

function whole(
  options: RecorderOptions,
  option: WholeOption,
  { least, most, otherwise }: { readonly least: number; readonly most?: number; readonly otherwise: number },
): number {
  const value = options[option] ?? otherwise
  if (Number.isSafeInteger(value) && value >= least && value <= (most ?? value)) return value
  return refuse(option, value, `is no whole number from ${least}${most === undefined ? '' : ` to ${most}`}`)
}

function refuse(option: string, value: unknown, problem: string): never {
  const shown = typeof value === 'number' ? String(value) : JSON.stringify(value)
  throw new TrailError('invalid_configuration', `${option} (${shown}) ${problem}`, {
    details: { option, value },
  })
}
