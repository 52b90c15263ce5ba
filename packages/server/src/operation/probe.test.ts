import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Probe } from './probe.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

/** A probe whose questions the test answers, one after the other. */
function probe() {
  const out: PromiseWithResolvers<string>[] = []
  const probed = new Probe('the database', () => {
    const question = Promise.withResolvers<string>()
    out.push(question)
    return question.promise
  })
  return { probed, out }
}

it('asks once for all who ask meanwhile, and again when that was answered or refused', async () => {
  const { probed, out } = probe()
  const both = [probed.ask(), probed.ask()]
  out[0]?.resolve('first')
  expect(await Promise.all(both)).toEqual(['first', 'first'])
  const refused = probed.ask()
  out[1]?.reject(new Error('away'))
  await expect(refused).rejects.toThrow('away')
  const again = probed.ask()
  out[2]?.resolve('third')
  expect(await again).toBe('third')
  expect(out).toHaveLength(3)
})

it('waits three seconds at most, and asks again after ten, whatever comes of the first question', async () => {
  const { probed, out } = probe()
  for (let asked = 0; asked < 3; asked += 1) {
    const refused = probed.ask().catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(3_000)
    expect(await refused).toMatchObject({ code: 'request_timeout' })
  }
  expect(out).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(1_000)
  const second = probed.ask()
  expect(out).toHaveLength(2)
  out[0]?.reject(new Error('the connection is dead'))
  await Promise.resolve()
  const third = probed.ask()
  expect(out).toHaveLength(2)
  out[1]?.resolve('here')
  expect(await Promise.all([second, third])).toEqual(['here', 'here'])
  expect(vi.getTimerCount()).toBe(0)
})
