import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { backoffDelayMs } from './backoff.ts'

const exponential = fc.record({
  type: fc.constant('exponential' as const),
  initialMs: fc.integer({ min: 1, max: 10_000 }),
  factor: fc.double({ min: 1, max: 10, noNaN: true }),
  maxMs: fc.integer({ min: 1, max: 3_600_000 }),
  jitter: fc.double({ min: 0, max: 1, noNaN: true }),
})
const randoms = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

test('a delay is whole milliseconds, never negative, never above the maximum', () => {
  fc.assert(
    fc.property(exponential, fc.integer({ min: 1, max: 1_000 }), randoms, (backoff, retry, random) => {
      const delay = backoffDelayMs(backoff, retry, random)
      expect(Number.isSafeInteger(delay)).toBe(true)
      expect(delay).toBeGreaterThanOrEqual(0)
      expect(delay).toBeLessThanOrEqual(backoff.maxMs)
    }),
  )
})

test('without jitter it is initialMs × factor^(retry − 1), up to the maximum', () => {
  const backoff = { type: 'exponential', initialMs: 1_000, factor: 2, maxMs: 6_000, jitter: 0 } as const
  expect([1, 2, 3, 4].map((retry) => backoffDelayMs(backoff, retry, 0.9))).toEqual([
    1_000, 2_000, 4_000, 6_000,
  ])
})

test('jitter spreads by its fraction to both sides', () => {
  const backoff = { type: 'exponential', initialMs: 1_000, factor: 2, maxMs: 60_000, jitter: 0.1 } as const
  expect(backoffDelayMs(backoff, 1, 0)).toBe(900)
  expect(backoffDelayMs(backoff, 1, 0.5)).toBe(1_000)
  expect(backoffDelayMs(backoff, 1, 0.999_999)).toBe(1_100)
})

test('a fixed delay is the same before each retry', () => {
  expect([1, 2, 9].map((retry) => backoffDelayMs({ type: 'fixed', delayMs: 5_000 }, retry, 0.1))).toEqual([
    5_000, 5_000, 5_000,
  ])
})
