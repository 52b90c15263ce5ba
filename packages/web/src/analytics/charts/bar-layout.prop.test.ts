import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { longestOf, stretchesOf } from './bar-layout.ts'

const values = fc.array(fc.integer({ min: 0, max: 1_000 }), { maxLength: 6 })
const partsOf = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    label: `part ${index}`,
    tone: 'plain' as const,
    valueOf: (row: readonly number[]) => row[index] ?? 0,
  }))

describe('a bar', () => {
  it('has its parts one after another, without a gap, as long as their values', () => {
    fc.assert(
      fc.property(values, (row) => {
        const stretches = stretchesOf(row, partsOf(row.length))
        let at = 0
        for (const { from, to } of stretches) {
          expect(from).toBe(at)
          expect(to).toBeGreaterThan(from)
          at = to
        }
        expect(at).toBe(row.reduce((sum, value) => sum + value, 0))
        expect(stretches.map(({ from, to }) => to - from)).toEqual(row.filter((value) => value > 0))
      }),
    )
  })

  it('is never longer than the longest', () => {
    fc.assert(
      fc.property(fc.array(values, { maxLength: 8 }), (rows) => {
        const bars = rows.map((row) => stretchesOf(row, partsOf(row.length)))
        for (const bar of bars) expect(bar.at(-1)?.to ?? 0).toBeLessThanOrEqual(longestOf(bars))
        expect(longestOf(bars)).toBeGreaterThan(0)
      }),
    )
  })
})
