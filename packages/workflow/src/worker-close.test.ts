import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createDesk, type Desk } from '../test/desk.ts'
import type { CloseSummary } from './worker.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const wait = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms)
const settle = (): Promise<unknown> => wait(0)

const busy = async (...names: readonly string[]): Promise<Desk> => {
  const desk = createDesk({ leaseMs: 3_000, pollMinMs: 10, pollMaxMs: 100 })
  desk.offer(...names)
  await desk.worker.start()
  await settle()
  return desk
}
const methods = ({ dispatch }: Desk): string[] =>
  dispatch.calls
    .map(({ method }) => method)
    .filter((method) => !['heartbeat', 'waitForWork'].includes(method))
const released = ({ dispatch }: Desk): string[] =>
  dispatch.of('release').map(({ held }) => held.map(({ attemptToken }) => attemptToken).join(' '))

/** Closes, and notes when that is done. */
const closing = (desk: Desk, graceMs?: number): { summary: CloseSummary | undefined } => {
  const state: { summary: CloseSummary | undefined } = { summary: undefined }
  const options = graceMs === undefined ? {} : { graceMs }
  void desk.worker.close(options).then((summary) => (state.summary = summary))
  return state
}

describe('closing', () => {
  test('claims no more, lets handlers end, reports, and unregisters last', async () => {
    const desk = await busy('a', 'b')
    const close = closing(desk)
    desk.offer('c')
    expect(desk.worker.state).toBe('draining')
    await wait(5_000)
    expect([...desk.running.keys()]).toEqual(['a', 'b'])
    for (const running of desk.running.values()) {
      expect(running.signal.aborted).toBe(false)
      running.succeed()
    }
    await settle()
    expect(close.summary).toEqual({ released: 0, unreported: 0 })
    expect(desk.worker.state).toBe('closed')
    expect(methods(desk)).toEqual(['register', 'claim', 'report', 'unregister'])
    expect(desk.dispatch.results).toHaveLength(2)
  })

  test('keeps the lease as long as handlers run', async () => {
    const desk = await busy('a')
    closing(desk)
    await wait(9_000)
    expect(desk.dispatch.of('heartbeat')).toHaveLength(9)
    expect(desk.running.get('a')?.signal.aborted).toBe(false)
  })

  test('aborts what still runs after the grace and gives it back; its result is not reported', async () => {
    const desk = await busy('a', 'b')
    const close = closing(desk)
    desk.running.get('a')?.succeed()
    await wait(9_999)
    const late = desk.running.get('b')
    expect(late?.signal.aborted).toBe(false)
    late?.signal.addEventListener('abort', () => late.succeed())
    await wait(1)
    expect(late?.signal.reason).toMatchObject({ code: 'attempt_aborted', details: { cause: 'shutdown' } })
    expect(close.summary).toEqual({ released: 1, unreported: 0 })
    expect(released(desk)).toEqual(['b'])
    expect(desk.dispatch.of('release')).toMatchObject([{ held: [{ hasBegun: true }] }])
    expect(desk.dispatch.results.map(({ attemptToken }) => attemptToken)).toEqual(['a'])
    expect(methods(desk).at(-1)).toBe('unregister')
  })

  test('takes the grace that is given', async () => {
    const desk = await busy('a')
    const close = closing(desk, 0)
    await settle()
    expect(close.summary).toEqual({ released: 1, unreported: 0 })
    await expect(desk.worker.close({ graceMs: -1 })).rejects.toThrow(/graceMs is -1/)
    await expect(desk.worker.close({ graceMs: 0.5 })).rejects.toThrow(/graceMs is 0.5/)
  })

  test('does not wait for attempts that were lost', async () => {
    const desk = await busy('a')
    desk.dispatch.lost.add('a')
    await wait(1_000)
    const close = closing(desk)
    await settle()
    expect(close.summary).toEqual({ released: 0, unreported: 0 })
  })

  test('gives back at once what a claim under way brings in', async () => {
    const desk = createDesk()
    const resume = desk.dispatch.hold('claim')
    await desk.worker.start()
    desk.offer('a')
    const close = closing(desk)
    await settle()
    resume()
    await settle()
    expect(desk.running.size).toBe(0)
    expect(released(desk)).toEqual(['a'])
    expect(desk.dispatch.of('release')).toMatchObject([{ held: [{ hasBegun: false }] }])
    expect(close.summary).toEqual({ released: 1, unreported: 0 })
  })

  test('does not wait for ever for a claim, and gives back what it brings in later', async () => {
    const desk = createDesk({ leaseMs: 3_000 })
    const resume = desk.dispatch.hold('claim')
    await desk.worker.start()
    desk.offer('a')
    const close = closing(desk, 1_000)
    await wait(2_000)
    expect(close.summary).toBeUndefined()
    resume()
    await settle()
    expect(released(desk)).toEqual(['a'])
    expect(close.summary).toEqual({ released: 1, unreported: 0 })
  })

  test('is over after grace and lease when the storage answers nothing', async () => {
    const desk = createDesk({ leaseMs: 3_000 })
    desk.dispatch.hold('claim')
    await desk.worker.start()
    const close = closing(desk, 1_000)
    await wait(3_999)
    expect(close.summary).toBeUndefined()
    await wait(1)
    expect(close.summary).toEqual({ released: 0, unreported: 0 })
    expect(desk.worker.state).toBe('closed')
  })

  test('tries a failing storage again until grace and lease are over, and says what is left', async () => {
    const desk = await busy('a', 'b', 'c')
    for (const method of ['report', 'release'] as const) desk.dispatch.fail(method, 1_000)
    desk.running.get('a')?.succeed()
    const close = closing(desk, 1_000)
    await wait(3_999)
    expect(close.summary).toBeUndefined()
    await wait(1)
    expect(close.summary).toEqual({ released: 0, unreported: 3 })
    expect(desk.dispatch.of('report').length).toBeGreaterThan(20)
    expect(desk.dispatch.of('release').length).toBeGreaterThan(20)
    expect(desk.logged).toContain('attempts could not be given back; it will be tried again')
    expect(vi.getTimerCount()).toBe(0)
  })

  test.each(['report', 'release'] as const)(
    'does not unregister when %s fails to the end',
    async (method) => {
      const desk = await busy('a', 'b')
      desk.dispatch.fail(method, 1_000)
      desk.running.get('a')?.succeed()
      const close = closing(desk, 0)
      await wait(10_000)
      expect(close.summary?.unreported).toBe(1)
      // What it still holds must be found lost, which unregistering would prevent.
      expect(methods(desk)).not.toContain('unregister')
    },
  )

  test('reports what could not be reported before', async () => {
    const desk = await busy('a')
    desk.dispatch.fail('report', 3)
    desk.running.get('a')?.succeed()
    const close = closing(desk)
    await wait(200)
    expect(close.summary).toEqual({ released: 0, unreported: 0 })
  })

  test('survives that it cannot unregister', async () => {
    const desk = await busy()
    desk.dispatch.fail('unregister')
    const close = closing(desk)
    await settle()
    expect(close.summary).toEqual({ released: 0, unreported: 0 })
    expect(desk.logged).toEqual(['the worker could not be unregistered; its lease will run out'])
  })

  test('happens once, whoever asks for it', async () => {
    const desk = await busy()
    const [first, second] = await Promise.all([desk.worker.close(), desk.worker.close()])
    expect(first).toBe(second)
    await desk.worker[Symbol.asyncDispose]()
    expect(desk.dispatch.of('unregister')).toHaveLength(1)
  })
})

describe('closing a worker that does not run', () => {
  test('touches no storage', async () => {
    const desk = createDesk()
    expect(await desk.worker.close()).toEqual({ released: 0, unreported: 0 })
    expect(desk.worker.state).toBe('closed')
    expect(desk.dispatch.calls).toEqual([])
  })

  test('waits for a start under way, which then fails, and unregisters', async () => {
    const desk = createDesk()
    const resume = desk.dispatch.hold('register')
    const started = Promise.allSettled([desk.worker.start()])
    const close = closing(desk)
    await settle()
    resume()
    expect(await started).toMatchObject([{ status: 'rejected', reason: { code: 'worker_closed' } }])
    await settle()
    expect(close.summary).toEqual({ released: 0, unreported: 0 })
    expect(methods(desk)).toEqual(['register', 'unregister'])
  })

  test('does not unregister what could not be registered', async () => {
    const desk = createDesk()
    desk.dispatch.fail('register')
    const started = Promise.allSettled([desk.worker.start()])
    const close = closing(desk)
    expect(await started).toMatchObject([{ reason: { message: 'no storage for register' } }])
    await settle()
    expect(close.summary).toEqual({ released: 0, unreported: 0 })
    expect(methods(desk)).toEqual(['register'])
  })
})
