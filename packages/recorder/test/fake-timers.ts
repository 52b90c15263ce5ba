import type { Timers } from '@steptrail/recorder'

/** Timers that run when time is made to pass, with the clock that belongs to them. */
export interface FakeTimers extends Timers {
  now(): number
  /** Lets time pass; what is due is called in its order. */
  advance(durationMs: number): void
  /** How many callbacks wait. */
  readonly waiting: number
}

/** A time that begins on 2025-11-04 at 10:00 UTC and stands still. */
export function fakeTimers(): FakeTimers {
  const startMs = Date.UTC(2025, 10, 4, 10)
  let elapsedMs = 0
  const waiting = new Set<{ readonly dueMs: number; readonly callback: () => void }>()
  const nextDue = (untilMs: number) =>
    [...waiting].filter(({ dueMs }) => dueMs <= untilMs).toSorted((one, other) => one.dueMs - other.dueMs)[0]
  return {
    now: () => startMs + Math.floor(elapsedMs),
    elapsedMs: () => elapsedMs,
    after(delayMs, callback) {
      const timer = { dueMs: elapsedMs + delayMs, callback }
      waiting.add(timer)
      return () => void waiting.delete(timer)
    },
    advance(durationMs) {
      const untilMs = elapsedMs + durationMs
      for (let timer = nextDue(untilMs); timer; timer = nextDue(untilMs)) {
        waiting.delete(timer)
        elapsedMs = Math.max(elapsedMs, timer.dueMs)
        timer.callback()
      }
      elapsedMs = untilMs
    },
    get waiting() {
      return waiting.size
    },
  }
}
