import { isDenial } from './denials.ts'

/** Whether somebody still may, looked at again and again. */
export interface WatchedAccess {
  /** Aborts, with the reason, once it may no longer. */
  readonly signal: AbortSignal
  /** Looks no more. */
  readonly end: () => void
}

/**
 * Looks every so often whether who asked still may: a key that was revoked, or a token that is over, ends what was begun
 * with it. Who cannot be looked up just now is not sent away.
 */
export function whileAllowed(confirm: () => Promise<void>, everyMs: number): WatchedAccess {
  const refused = new AbortController()
  let isLooking = false
  const look = async (): Promise<void> => {
    isLooking = true
    try {
      await confirm()
    } catch (error) {
      if (isDenial(error)) refused.abort(error)
    } finally {
      isLooking = false
    }
  }
  const timer = setInterval(() => {
    if (!isLooking) void look()
  }, everyMs)
  timer.unref()
  const end = (): void => clearInterval(timer)
  refused.signal.addEventListener('abort', end, { once: true })
  return { signal: refused.signal, end }
}
