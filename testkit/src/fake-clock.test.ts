import { describe, expect, it } from 'vitest'
import { fakeClock } from './fake-clock.ts'

describe('a fake clock', () => {
  it('stands still until it is moved, and says where it was moved to', () => {
    const clock = fakeClock('2025-11-04T10:00:00.123Z')
    expect(clock.now()).toBe(1762250400123)
    expect(clock.now()).toBe(1762250400123)
    expect(clock.advance(5_000)).toBe(1762250405123)
    expect(clock.now()).toBe(1762250405123)
  })

  it('does not go back, and does not start at what is no timestamp', () => {
    const clock = fakeClock()
    expect(() => clock.advance(-1)).toThrow('advance(-1)')
    expect(() => clock.advance(Number.NaN)).toThrow('advance(NaN)')
    expect(() => fakeClock('soon')).toThrow('soon')
  })
})
