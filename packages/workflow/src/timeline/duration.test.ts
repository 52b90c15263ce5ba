import { describe, expect, it } from 'vitest'
import { formatDuration, formatTick } from './duration.ts'

describe('a duration', () => {
  it.each([
    [0, '0 ms'],
    [999, '999 ms'],
    [999.7, '1.00 s'],
    [1_000, '1.00 s'],
    [9_999, '9.99 s'],
    [59_999, '59.9 s'],
    [60_000, '1 min 00 s'],
    [3_599_999, '59 min 59 s'],
    [3_720_000, '1 h 02 min'],
    [273_600_000, '3 d 04 h'],
  ])('of %i ms reads %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text)
  })
})

describe('a tick', () => {
  it.each([
    [0, '0'],
    [250, '250 ms'],
    [1_500, '1.5 s'],
    [20_000, '20 s'],
    [90_000, '1 min 30 s'],
    [5_400_000, '1 h 30 min'],
    [90_000_000, '1 d 1 h'],
  ])('at %i ms reads %s', (ms, text) => {
    expect(formatTick(ms)).toBe(text)
  })
})
