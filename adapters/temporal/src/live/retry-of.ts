import type { Info } from '@temporalio/activity'
import { ensureApplicationFailure } from '@temporalio/common'
import { msToNumber } from '@temporalio/common/lib/time.js'

/** What becomes of an activity whose attempt failed, as far as its worker can tell. */
export interface Retry {
  /** How long Temporal waits for the next attempt, in milliseconds; null when it makes none. */
  readonly retryInMs: number | null
  /** When it makes none although there were retries left. */
  readonly retriesLeft?: true
}

/** What Temporal decides by of what was thrown. */
interface Failed {
  readonly nextRetryDelay?: unknown
  readonly nonRetryable?: boolean | null | undefined
  readonly type?: string | null | undefined
}

/**
 * What was thrown, as the SDK sends it: only a failure of its own says by its fields how it is to be retried, and
 * anything else has the name of its class as its type. Never throws.
 */
export function sentAs(thrown: unknown): Failed {
  try {
    return ensureApplicationFailure(thrown)
  } catch {
    // It lets nobody read it; over that the SDK fails itself.
    return {}
  }
}

/** As the server decides: by the policy of the activity, the kind of the failure, and the time that is left. */
export function retryOf(
  info: Pick<Info, 'attempt' | 'retryPolicy' | 'scheduledTimestampMs' | 'scheduleToCloseTimeoutMs'>,
  error: unknown,
  now: number,
): Retry {
  const { maximumAttempts = 0, nonRetryableErrorTypes = [] } = info.retryPolicy ?? {}
  if (maximumAttempts > 0 && info.attempt >= maximumAttempts) return { retryInMs: null }
  const { nonRetryable, type, nextRetryDelay } = sentAs(error)
  if (nonRetryable === true || nonRetryableErrorTypes.includes(type ?? ''))
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

/** A duration of the SDK: milliseconds, or a text such as `5s`; undefined for what is none. */
function msOf(duration: unknown): number | undefined {
  if (typeof duration !== 'number' && typeof duration !== 'string') return undefined
  try {
    return msToNumber(duration as Parameters<typeof msToNumber>[0]) || undefined
  } catch {
    // The application has written one that the SDK cannot read either: what it threw goes on.
    return undefined
  }
}
