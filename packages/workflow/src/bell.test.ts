import { expect, it } from 'vitest'
import { Bell } from './bell.ts'

it('aborts the signal that was taken before it rang, and no later one', () => {
  const bell = new Bell()
  bell.ring()
  const first = bell.signal
  expect(bell.signal).toBe(first)
  expect(first.aborted).toBe(false)
  bell.ring()
  const second = bell.signal
  expect([first.aborted, second.aborted]).toEqual([true, false])
  bell.ring()
  expect(second.aborted).toBe(true)
})

it('aborts as an abort without a reason does', () => {
  const bell = new Bell()
  const { signal } = bell
  bell.ring()
  expect(() => signal.throwIfAborted()).toThrow(expect.objectContaining({ name: 'AbortError' }) as Error)
})
