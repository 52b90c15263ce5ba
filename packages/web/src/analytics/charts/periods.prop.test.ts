import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { periodsBetween, periodStart, reportPeriods } from './periods.ts'

const instant = fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2100, 0, 1) })
const period = fc.constantFrom(...reportPeriods)

describe('periods', () => {
  it('begin at or before what lies in them, and at themselves', () => {
    fc.assert(
      fc.property(instant, period, (at, each) => {
        const start = periodStart(at, each)
        expect(start).toBeLessThanOrEqual(at)
        expect(periodStart(start, each)).toBe(start)
      }),
    )
  })

  it('of a window follow one another, each once, from the one of its first instant to that of its last', () => {
    fc.assert(
      fc.property(instant, fc.integer({ min: 1, max: 40 * 86_400_000 }), period, (from, length, each) => {
        const window = { since: new Date(from).toISOString(), until: new Date(from + length).toISOString() }
        const starts = periodsBetween(window, each)
        expect(starts[0]).toBe(periodStart(from, each))
        expect(starts.at(-1)).toBe(periodStart(from + length - 1, each))
        for (const [index, start] of starts.entries())
          if (index > 0) expect(periodStart(start - 1, each)).toBe(starts[index - 1])
      }),
    )
  })

  it('of weeks begin on Mondays', () => {
    expect(new Date(periodStart(Date.UTC(2025, 10, 9, 12), 'week')).toISOString()).toBe(
      '2025-11-03T00:00:00.000Z',
    )
  })
})
