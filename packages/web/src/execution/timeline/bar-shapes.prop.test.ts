import { historyOf, recorded, start } from '@steptrail/testkit/recorded-events'
import { timelineOf } from '@steptrail/workflow/timeline'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { barAt, pathsOf, placeBars } from './bar-shapes.ts'
import { layoutChart, type PlacedLane } from './chart-layout.ts'
import { wholeView } from './viewport.ts'

const gap = fc.oneof(fc.constant(0), fc.nat(5), fc.nat(5_000), fc.nat(10_000_000))
const attempts = fc.array(fc.record({ waited: gap, worked: gap, backoff: gap, silent: fc.boolean() }), {
  minLength: 1,
  maxLength: 60,
})

const lanesFrom = (tries: Parameters<typeof historyOf>[0], width: number): readonly PlacedLane[] => {
  const timeline = timelineOf(recorded(historyOf(tries)), { now: start + 1_000_000 })
  return layoutChart(timeline, wholeView(timeline), width).items.filter((item) => item.kind === 'lane')
}

describe('the bars of a lane of whatever history', () => {
  it('are drawn once each, in the path of those that look the same', () => {
    fc.assert(
      fc.property(attempts, fc.integer({ min: 40, max: 2_000 }), (tries, width) => {
        for (const lane of lanesFrom(tries, width)) {
          const bars = placeBars(lane)
          expect(bars.map(({ span }) => span)).toEqual(lane.rows.flat().map(({ span }) => span))
          const paths = pathsOf(bars)
          expect(new Set(paths.map(({ style }) => style)).size).toBe(paths.length)
          for (const { style, kind, d } of paths) {
            const alike = bars.filter((bar) => bar.style === style)
            expect(alike.every(({ span }) => span.kind === kind)).toBe(true)
            expect(d.split('M').length - 1).toBe(alike.length)
            expect(d).not.toContain('NaN')
          }
        }
      }),
    )
  })

  it('are found where they are drawn, and nothing is where they are not', () => {
    fc.assert(
      fc.property(attempts, fc.integer({ min: 40, max: 2_000 }), (tries, width) => {
        for (const lane of lanesFrom(tries, width)) {
          const bars = placeBars(lane)
          for (const bar of bars) {
            const { x, y, width: drawn, height } = bar.shape
            expect(barAt(bars, x + Math.min(drawn, bar.width) / 2, y + height / 2)).toBe(bar)
          }
          expect(barAt(bars, -1, 10)).toBeNull()
          expect(barAt(bars, 1, -1)).toBeNull()
        }
      }),
    )
  })
})
