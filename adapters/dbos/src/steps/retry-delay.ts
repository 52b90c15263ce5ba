import type { StepConfig } from '@dbos-inc/dbos-sdk'

/** DBOS waits no longer than this between attempts, but for the first wait. */
const longestSeconds = 3_600

/** The milliseconds that DBOS waits after this attempt, of which the first is 1: as its executor reckons them. */
export function retryDelayMs(
  { intervalSeconds = 1, backoffRate = 2 }: Pick<StepConfig, 'intervalSeconds' | 'backoffRate'>,
  attempt: number,
): number {
  let seconds = intervalSeconds
  for (let made = 1; made < attempt; made += 1) seconds = Math.min(longestSeconds, seconds * backoffRate)
  return Math.round(seconds * 1_000)
}
