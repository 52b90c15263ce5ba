import { describe, expect, it } from 'vitest'
import { differenceOfPercentiles, median, percentile, rounded } from './statistics.ts'

describe('statistics', () => {
  it('give the value that a share of the values does not exceed', () => {
    const values = [5, 1, 4, 2, 3]
    expect([0, 0.5, 0.99, 1].map((share) => percentile(values, share))).toEqual([1, 3, 5, 5])
    expect(percentile([], 0.5)).toBeNaN()
  })

  it('give the middle, or the mean of the two in the middle', () => {
    expect(median([3, 1, 2])).toBe(2)
    expect(median([4, 1, 2, 3])).toBe(2.5)
    expect(median([])).toBeNaN()
  })

  it('say how far percentiles of blocks differ, and within what', () => {
    const blocks = (by: number): readonly (readonly number[])[] =>
      Array.from({ length: 20 }, (_, block) => [1, 2, 3].map((value) => value + by + (block % 2) / 10))
    const { value, from, to } = differenceOfPercentiles(blocks(5), blocks(0), 0.5)
    expect(value).toBeCloseTo(5)
    expect(from).toBeGreaterThanOrEqual(4.8)
    expect(from).toBeLessThanOrEqual(value)
    expect(to).toBeGreaterThanOrEqual(value)
    expect(to).toBeLessThanOrEqual(5.2)
    const { from: least, to: most } = differenceOfPercentiles(blocks(0), blocks(0), 0.5)
    expect([least <= 0, most >= 0]).toEqual([true, true])
  })

  it('are rounded for reading', () => {
    expect(rounded(1.2345)).toBe(1.2)
    expect(rounded(1.2345, 2)).toBe(1.23)
  })
})
