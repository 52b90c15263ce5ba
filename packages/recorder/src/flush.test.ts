import { describe, expect, test } from 'vitest'
import { operation, scene } from '../test/recording.ts'

describe('flush', () => {
  test('tells at its deadline what is still in memory, and gives nothing up', async () => {
    const { recorder, sink, timers } = scene({ writeTimeoutMs: 60_000, writesInFlight: 1 })
    recorder.record(operation())
    recorder.record({ eventType: 'OPERATION' })
    await recorder.flush()
    sink.turns.push('hang')
    recorder.record(operation())
    const flushed = recorder.flush()
    recorder.record(operation())
    const later = recorder.flush({ deadlineMs: 30_001 })
    for (let turn = 0; turn < 3; turn++) await Promise.resolve()
    timers.advance(30_000)
    expect(await flushed).toEqual({ written: 1, spooled: 0, dropped: 1, pending: 1 })
    timers.advance(1)
    expect(await later).toEqual({ written: 1, spooled: 0, dropped: 1, pending: 2 })
    timers.advance(30_000)
    await recorder.idle()
    timers.advance(100)
    expect(await recorder.flush()).toEqual({ written: 3, spooled: 0, dropped: 1, pending: 0 })
  })

  test('at its deadline has lost nothing: a later one tells of it', async () => {
    const { recorder, sink, timers } = scene()
    sink.turns.push('fail')
    recorder.record(operation())
    const first = recorder.flush({ deadlineMs: 10 })
    await recorder.idle()
    timers.advance(10)
    expect(await first).toEqual({ written: 0, spooled: 0, dropped: 0, pending: 1 })
    const second = recorder.flush()
    timers.advance(100)
    expect(await second).toEqual({ written: 1, spooled: 0, dropped: 0, pending: 0 })
    expect(timers.waiting).toBe(0)
  })

  test.each([-1, 1.5, Number.NaN, 2 ** 31])('refuses %s for a deadline', async (deadlineMs) => {
    const { recorder } = scene()
    await expect(recorder.flush({ deadlineMs })).rejects.toMatchObject({ code: 'invalid_configuration' })
  })
})
