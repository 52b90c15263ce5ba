import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ServerClock } from './server-clock.ts'

const browserNow = Date.UTC(2026, 10, 28, 12)
const dayMs = 86_400_000

/** An answer that says this time, and takes so long. */
const answerOf =
  (serverMs: number, tookMs = 0) =>
  (): Promise<Response> => {
    vi.setSystemTime(Date.now() + tookMs)
    return Promise.resolve(new Response('', { headers: { date: new Date(serverMs).toUTCString() } }))
  }

describe('the time at the server', () => {
  beforeEach(() => void vi.useFakeTimers({ now: browserNow, toFake: ['Date'] }))
  afterEach(() => void vi.useRealTimers())

  it('is that of the browser before it is known, and where an answer says none', async () => {
    const clock = new ServerClock()
    expect([clock.now(), clock.hasHeard]).toEqual([browserNow, false])
    await clock.hear(() => Promise.resolve(new Response('')))
    expect([clock.now(), clock.hasHeard]).toEqual([browserNow, true])
  })

  it.each([dayMs, -dayMs])('is what its answers say where the browser is off by %i ms', async (aheadMs) => {
    const clock = new ServerClock()
    await clock.hear(answerOf(browserNow + aheadMs))
    expect(clock.now()).toBe(browserNow + aheadMs)
  })

  it('is that of the browser again once that has been set right', async () => {
    const clock = new ServerClock()
    await clock.hear(answerOf(browserNow + dayMs))
    vi.setSystemTime(browserNow + dayMs)
    await clock.hear(answerOf(browserNow + dayMs))
    expect(clock.now()).toBe(browserNow + dayMs)
  })

  it('takes an answer that was long on its way for no other clock', async () => {
    const clock = new ServerClock()
    await clock.hear(answerOf(browserNow, 20_000))
    expect(clock.now()).toBe(browserNow + 20_000)
  })
})
