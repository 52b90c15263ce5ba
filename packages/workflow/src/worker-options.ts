import { type Logger, TrailError } from '@steptrail/event'
import { workflowLimits } from './limits.ts'
import { storableText } from './reported-error.ts'

/** How a worker works. Times are whole milliseconds. */
export interface WorkerOptions<Service extends string = string> {
  /** The service whose steps it performs, as the workflows name it. */
  readonly service: Service
  /** Handlers that run at once, from 1 to 1,000. Default 10. */
  readonly concurrency?: number
  /** The worker counts as lost when it has not been heard of for this long; it is heard of three times as often. From 100; default 5,000. */
  readonly leaseMs?: number
  /** How long it waits for work before it asks again, when it has just found some. Default 50. */
  readonly pollMinMs?: number
  /** The longest it waits; the wait is doubled each time that nothing is found. Default 1,000. */
  readonly pollMaxMs?: number
  /** Whether a failed attempt's stack trace is reported, which may hold paths and values. Default false. */
  readonly recordStack?: boolean
  /** The program's own version, kept with the worker's registration: a text of up to 255 characters. Default: none. */
  readonly version?: string
  /** Hears of storage that fails, of lost leases and of rejected results. Default: nobody. */
  readonly logger?: Logger
}

/** Options with their defaults. */
export interface CompleteWorkerOptions {
  readonly service: string
  readonly concurrency: number
  readonly leaseMs: number
  readonly pollMinMs: number
  readonly pollMaxMs: number
  readonly recordStack: boolean
  readonly version: string | null
  readonly logger: Logger | undefined
}

/** Fills in the defaults. Throws `invalid_configuration` for an unknown option, a number out of its range, and a version that cannot be stored. */
export function completeWorkerOptions(options: WorkerOptions): CompleteWorkerOptions {
  const { service, concurrency = 10, leaseMs = 5_000, pollMinMs = 50, ...rest } = options
  const {
    pollMaxMs = Math.max(1_000, pollMinMs),
    recordStack = false,
    version = null,
    logger,
    ...unknown
  } = rest
  const [misspelt] = Object.keys(unknown)
  if (misspelt !== undefined)
    throw new TrailError(
      'invalid_configuration',
      `a worker has no option ${misspelt}: remove it, or correct its name`,
    )
  checkWhole('concurrency', concurrency, { from: 1, to: 1_000 })
  checkWhole('leaseMs', leaseMs, { from: 100, to: 3_600_000 })
  checkWhole('pollMinMs', pollMinMs, { from: 1, to: 60_000 })
  checkWhole('pollMaxMs', pollMaxMs, { from: pollMinMs, to: 3_600_000 })
  if (version !== null) checkVersion(version)
  return { service, concurrency, leaseMs, pollMinMs, pollMaxMs, recordStack, version, logger }
}

/** For callers without types, too: a server takes no other version, and neither does a database. */
function checkVersion(version: unknown): void {
  const { workerVersionLength: length } = workflowLimits
  if (typeof version === 'string' && version !== '' && storableText(version, length) === version) return
  throw new TrailError(
    'invalid_configuration',
    `the worker's version is ${JSON.stringify(version)?.slice(0, 300)}: give a text of 1 to ${length} characters without U+0000 and lone surrogates`,
    { details: { option: 'version' } },
  )
}

/** Throws `invalid_configuration` unless the value is a whole number in the range. */
export function checkWhole(option: string, value: number, { from, to }: { from: number; to: number }): void {
  if (Number.isSafeInteger(value) && value >= from && value <= to) return
  const message = `the worker's ${option} is ${value}: give a whole number from ${from} to ${to}`
  throw new TrailError('invalid_configuration', message, { details: { option, value, from, to } })
}
