import { describe, expect, test } from 'vitest'
import { isPlanStale } from './plan-age.ts'

describe('the plans of a connection', () => {
  test('are made anew after a quarter of a second, then twice as late each time, at most a minute', () => {
    const connection = {}
    const stale: number[] = []
    for (let nowMs = 0; nowMs <= 300_000; nowMs += 50) if (isPlanStale(connection, nowMs)) stale.push(nowMs)
    const gaps = stale.map((at, index) => at - (stale[index - 1] ?? 0))
    expect(gaps).toEqual([250, 500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000])
  })

  test('are those of the connection alone', () => {
    const connection = {}
    isPlanStale(connection, 0)
    isPlanStale({}, 0)
    expect(isPlanStale(connection, 250)).toBe(true)
    expect(isPlanStale({}, 250)).toBe(false)
  })
})
