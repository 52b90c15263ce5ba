import type { Clock } from '@steptrail/event'

/** A clock that stands still until it is moved. */
export interface FakeClock extends Clock {
  /** Moves the clock on by `durationMs`, which may be 0 and not negative; returns the new time in epoch milliseconds. */
  advance(durationMs: number): number
}

/** A fake clock that shows `start`, an ISO-8601 timestamp. */
export function fakeClock(start = '2025-11-04T10:00:00.000Z'): FakeClock {
  let time = Date.parse(start)
  if (Number.isNaN(time))
    throw new RangeError(`a fake clock starts at an ISO-8601 timestamp, not at ${start}`)
  return {
    now: () => time,
    advance(durationMs) {
      if (!(durationMs >= 0)) throw new RangeError(`a clock does not go back; advance(${durationMs})`)
      time += durationMs
      return time
    },
  }
}
