import type { Info } from '@temporalio/activity'
import { msToNumber } from '@temporalio/common/lib/time.js'

/** What becomes of an activity whose attempt failed, as far as its worker can tell. */
export interface Retry {
  /** How long Temporal waits for the next attempt, in milliseconds; null when it makes none. */
  readonly retryInMs: number | null
  /** When it makes none although there were retries left. */
  readonly retriesLeft?: true
}

/** What is asked of a failure. */
interface Failed {
  readonly nextRetryDelay?: unknown
  readonly nonRetryable?: boolean
  readonly type?: string
  readonly name?: string
}

/** As the server decides: by the policy of the activity, the kind of the failure, and the time that is left. */
export function retryOf(
  info: Pick<Info, 'attempt' | 'retryPolicy' | 'scheduledTimestampMs' | 'scheduleToCloseTimeoutMs'>,
  error: unknown,
  now: number,
): Retry {
  const { maximumAttempts = 0, nonRetryableErrorTypes = [] } = info.retryPolicy ?? {}
  if (maximumAttempts > 0 && info.attempt >= maximumAttempts) return { retryInMs: null }
  const { nonRetryable, type, name, nextRetryDelay } = (
    typeof error === 'object' && error !== null ? error : {}
  ) as Failed
  const kind = type ?? name ?? ''
  if (nonRetryable === true || nonRetryableErrorTypes.includes(kind))
    return { retryInMs: null, retriesLeft: true }
  const retryInMs = msOf(nextRetryDelay) ?? backoffMs(info)
  const { scheduledTimestampMs, scheduleToCloseTimeoutMs } = info
  const isLate =
    scheduleToCloseTimeoutMs > 0 && now + retryInMs > scheduledTimestampMs + scheduleToCloseTimeoutMs
  return isLate ? { retryInMs: null, retriesLeft: true } : { retryInMs }
}

/** Of Temporal itself, where the policy says nothing. */
const initialMs = 1_000

function backoffMs({ attempt, retryPolicy = {} }: Pick<Info, 'attempt' | 'retryPolicy'>): number {
  const initial = msOf(retryPolicy.initialInterval) ?? initialMs
  const longest = msOf(retryPolicy.maximumInterval) ?? initial * 100
  const factor = retryPolicy.backoffCoefficient ?? 2
  return Math.round(Math.min(longest, initial * factor ** (attempt - 1)))
}

/** A duration of the SDK: milliseconds, or a text such as `5s`. */
const msOf = (duration: unknown): number | undefined =>
  typeof duration === 'number' || typeof duration === 'string'
    ? msToNumber(duration as Parameters<typeof msToNumber>[0]) || undefined
    : undefined
