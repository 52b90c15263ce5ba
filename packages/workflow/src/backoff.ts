import type { Backoff } from './definition.ts'

/**
 * The delay before retry number `retry` (1 for the first), in whole milliseconds. The only place where a
 * back-off is computed: what it returns is recorded, and is what the step waits.
 *
 * @param random a number in [0, 1) that places the delay within the jitter; 0.5 is the middle
 */
export function backoffDelayMs(backoff: Backoff, retry: number, random: number): number {
  if (backoff.type === 'fixed') return backoff.delayMs
  const grown = backoff.initialMs * backoff.factor ** (retry - 1)
  const spread = 1 + backoff.jitter * (2 * random - 1)
  return Math.min(backoff.maxMs, Math.round(Math.min(backoff.maxMs, grown) * spread))
}
