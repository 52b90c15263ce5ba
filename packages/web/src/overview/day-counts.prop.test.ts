import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lastDays, layoutDays } from './day-counts.ts'

const day = fc
  .record({ ended: fc.nat(1_000_000), failed: fc.nat(1_000_000) })
  .map((counts) => ({ from: 0, to: 1, ...counts }))

describe('the chart of days', () => {
  it('has bars within itself, as high as what they count', () => {
    fc.assert(
      fc.property(fc.array(day, { minLength: 1, maxLength: 60 }), (days) => {
        const bars = layoutDays(days)
        expect(bars).toHaveLength(days.length)
        for (const { well, failed } of bars) {
          expect(well.y).toBeGreaterThanOrEqual(-1e-9)
          expect(well.y + well.height).toBeCloseTo(failed.y)
          expect(failed.y + failed.height).toBeCloseTo(1)
        }
      }),
    )
  })

  it('covers the last days without a hole, today included', () => {
    const now = Date.parse('2025-11-04T10:00:00Z')
    const days = lastDays(7, now)
    expect(days).toHaveLength(7)
    for (const [index, { from, to }] of days.entries()) {
      expect(to).toBeGreaterThan(from)
      expect(days[index + 1]?.from ?? to).toBe(to)
    }
    expect(days.at(-1)?.from).toBeLessThanOrEqual(now)
    expect(days.at(-1)?.to).toBeGreaterThan(now)
  })
})
