import { describe, expect, test, vi } from 'vitest'
import { WakeSignal } from './wake-signal.ts'

const never = new AbortController().signal
const minute = 60_000

describe('a wait', () => {
  test('ends with a wake for its service, and not with one for another', async () => {
    const signal = new WakeSignal()
    const ended = vi.fn<() => void>()
    const wait = signal.waitForService('mine', minute, never).then(ended)
    signal.wake({ services: ['other'], clock: true, ended: [] })
    await Promise.resolve()
    expect(ended).not.toHaveBeenCalled()
    signal.wake({ services: ['mine'], clock: false, ended: [] })
    await wait
    expect(ended).toHaveBeenCalledOnce()
  })

  test('ends at once when the wake came before it, once', async () => {
    const signal = new WakeSignal()
    signal.wake({ services: ['mine'], clock: false, ended: [] })
    await signal.waitForService('mine', minute, never)
    vi.useFakeTimers()
    const ended = vi.fn<() => void>()
    const wait = signal.waitForService('mine', minute, never).then(ended)
    await vi.advanceTimersByTimeAsync(minute - 1)
    expect(ended).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    await wait
    vi.useRealTimers()
  })

  test('ends when its signal aborts, and leaves nothing behind', async () => {
    const signal = new WakeSignal()
    const closing = new AbortController()
    const wait = signal.waitForClock(minute, closing.signal)
    closing.abort()
    await wait
    await signal.waitForClock(minute, closing.signal)
  })

  test('of the clock ends only with a scheduled retry', async () => {
    const signal = new WakeSignal()
    const wait = signal.waitForClock(minute, never)
    signal.wake({ services: [], clock: true, ended: [] })
    await wait
  })
})
