import { describe, expect, it } from 'vitest'
import { hasEnded, timeSpanOf } from './time-span.ts'

describe('a time in an address', () => {
  it('is a whole day where it is a date alone, and UTC without an offset', () => {
    const day = Date.UTC(2025, 10, 4)
    expect(timeSpanOf('2025-11-04')).toEqual({ fromMs: day, untilMs: day + 86_400_000 })
    for (const same of ['2025-11-04T00:00:00', '2025-11-04T00:00Z', '2025-11-04T02:00:00+02:00'])
      expect(timeSpanOf(same)).toEqual({ fromMs: day, untilMs: day + 1 })
    expect(timeSpanOf('yesterday')).toBeNull()
  })

  it('has ended when its last instant is over', () => {
    const end = '2025-11-04'
    expect(hasEnded(end, Date.UTC(2025, 10, 5) - 1)).toBe(false)
    expect(hasEnded(end, Date.UTC(2025, 10, 5))).toBe(true)
    expect([hasEnded(undefined, 0), hasEnded('yesterday', 0)]).toEqual([false, false])
  })
})
