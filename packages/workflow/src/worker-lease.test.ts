import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createDesk, type Desk } from '../test/desk.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const wait = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms)
const settle = (): Promise<unknown> => wait(0)

const busy = async (...names: readonly string[]): Promise<Desk> => {
  const desk = createDesk({ concurrency: 2, leaseMs: 3_000, pollMinMs: 10, pollMaxMs: 10 })
  desk.offer(...names)
  await desk.worker.start()
  await settle()
  return desk
}
const heard = ({ dispatch }: Desk): string[] =>
  dispatch.of('heartbeat').map(({ held }) => held.map(({ attemptToken }) => attemptToken).join(' '))
const cause = (desk: Desk, name: string): unknown =>
  (desk.running.get(name)?.signal.reason as { details?: { cause?: unknown } } | undefined)?.details?.cause

test('the worker is heard of three times in a lease, with all it holds', async () => {
  const desk = await busy('a', 'b')
  await wait(999)
  expect(heard(desk)).toEqual([])
  await wait(1)
  desk.dispatch.answer = () => 'later'
  desk.running.get('a')?.succeed()
  await wait(1_000)
  desk.dispatch.answer = () => 'accepted'
  await wait(1_000)
  // The second time `a` has ended but not been decided on, so it is still held.
  expect(heard(desk)).toEqual(['a b', 'b a', 'b'])
})

test('a lost attempt is told to stop, gives up its place, and is still reported', async () => {
  const desk = await busy('a', 'b')
  desk.offer('c')
  desk.dispatch.lost.add('a')
  await wait(1_000)
  expect(cause(desk, 'a')).toBe('lost')
  expect(cause(desk, 'b')).toBeUndefined()
  expect([...desk.running.keys()]).toEqual(['a', 'b', 'c'])
  await wait(1_000)
  expect(heard(desk)).toEqual(['a b', 'b c'])
  desk.dispatch.answer = () => 'rejected'
  desk.running.get('a')?.succeed()
  await settle()
  expect(desk.dispatch.results).toMatchObject([{ attemptToken: 'a', success: true }])
  expect(desk.logged).toEqual(['a result was rejected: the worker no longer held the step'])
})

test('a handler that hangs and does not listen does not keep its place for ever', async () => {
  const desk = await busy('a', 'b')
  for (const name of ['a', 'b']) desk.dispatch.lost.add(name)
  desk.offer('c', 'd')
  await wait(1_000)
  expect([...desk.running.keys()]).toEqual(['a', 'b', 'c', 'd'])
})

test('an attempt that ended while the heartbeat was under way is passed over', async () => {
  const desk = await busy('a')
  desk.dispatch.lost.add('a')
  const resume = desk.dispatch.hold('heartbeat')
  await wait(1_000)
  desk.running.get('a')?.succeed()
  await settle()
  resume()
  await settle()
  expect(cause(desk, 'a')).toBeUndefined()
  expect(desk.dispatch.results).toHaveLength(1)
})

test('a heartbeat that fails is sent again before the lease is over', async () => {
  const desk = await busy('a')
  desk.dispatch.fail('heartbeat', 5)
  await wait(2_999)
  expect(heard(desk)).toHaveLength(6)
  expect(desk.logged).toEqual(Array(5).fill('the heartbeat failed; it will be sent again'))
  await wait(1_000)
  expect(cause(desk, 'a')).toBeUndefined()
})

test('when the lease runs out unheard, all attempts are given up', async () => {
  const desk = await busy('a', 'b')
  desk.dispatch.fail('heartbeat', 100)
  await wait(2_999)
  expect(cause(desk, 'a')).toBeUndefined()
  await wait(1)
  expect([cause(desk, 'a'), cause(desk, 'b')]).toEqual(['lost', 'lost'])
  expect(desk.logged).toContain('the lease ran out without a heartbeat: all attempts are given up')
})

test('the lease counts from when a heartbeat was sent, not from when it was answered', async () => {
  const desk = await busy('a')
  const resume = desk.dispatch.hold('heartbeat')
  await wait(1_000)
  await wait(1_500)
  resume()
  await settle()
  desk.dispatch.fail('heartbeat', 100)
  await wait(1_499)
  expect(cause(desk, 'a')).toBeUndefined()
  await wait(1)
  expect(cause(desk, 'a')).toBe('lost')
})

test('a heartbeat that is answered after a later one does not shorten the lease', async () => {
  const desk = await busy()
  desk.offerClaim('a', { timeoutMs: 2_500 })
  const resume = desk.dispatch.hold('heartbeat')
  await wait(2_000)
  desk.dispatch.timeouts.set('a', 60_000)
  // Shortly before its time is over the attempt is asked for, and holds on: by that the lease lasts until 5,250 ms.
  await wait(1_500)
  expect(heard(desk)).toEqual(['a', 'a'])
  resume()
  await wait(900)
  expect(cause(desk, 'a')).toBeUndefined()
  expect(desk.logged).toEqual([])
})

test('a heartbeat that is never answered does not keep the lease', async () => {
  const desk = await busy('a')
  desk.dispatch.hold('heartbeat')
  await wait(3_000)
  expect(cause(desk, 'a')).toBe('lost')
})

test('a closed worker is heard of no more, and leaves no timer', async () => {
  const desk = await busy('a')
  desk.running.get('a')?.succeed()
  await settle()
  const closed = desk.worker.close()
  await settle()
  await closed
  expect(vi.getTimerCount()).toBe(0)
  await wait(10_000)
  expect(heard(desk)).toEqual([])
  expect(desk.logged).toEqual([])
})

test('an attempt may take as long as a heartbeat says, and no longer', async () => {
  const desk = await busy()
  desk.offerClaim('a', { timeoutMs: 1_500 })
  desk.offerClaim('b', { timeoutMs: 60_000 })
  await wait(10)
  desk.dispatch.timeouts.set('a', 4_000).set('b', 1_200)
  await wait(1_300)
  expect([cause(desk, 'a'), cause(desk, 'b')]).toEqual([undefined, 'timeout'])
  await wait(2_600)
  expect(cause(desk, 'a')).toBeUndefined()
  await wait(200)
  expect(desk.running.get('a')?.signal.reason).toMatchObject({
    details: { cause: 'timeout', timeoutMs: 4_000 },
  })
})

test('an attempt is asked for once more before its time is over, which may have changed since the last heartbeat', async () => {
  const desk = await busy()
  desk.offerClaim('a', { timeoutMs: 1_500 })
  desk.offerClaim('b', { timeoutMs: 1_500 })
  await wait(1_200)
  desk.dispatch.timeouts.set('a', 2_500)
  await wait(400)
  expect([cause(desk, 'a'), cause(desk, 'b')]).toEqual([undefined, 'timeout'])
  desk.dispatch.timeouts.set('a', 4_000)
  await wait(2_300)
  expect(cause(desk, 'a')).toBeUndefined()
  await wait(200)
  expect(cause(desk, 'a')).toBe('timeout')
})

test('what a heartbeat says counts for nothing when the handler has adjusted its time since it was sent', async () => {
  const desk = await busy()
  desk.offerClaim('a', { timeoutMs: 1_500 })
  await wait(10)
  desk.dispatch.timeouts.set('a', 1_500)
  const answer = desk.dispatch.hold('heartbeat')
  await wait(1_000)
  await desk.running.get('a')?.adjust({ type: 'timeout', timeoutMs: 10_000, reason: 'a large one' })
  await wait(1_000)
  answer()
  await settle()
  expect(cause(desk, 'a')).toBeUndefined()
})

test('a logger that throws ends neither the worker nor its lease', async () => {
  vi.spyOn(console, 'error').mockReturnValue()
  const told: string[] = []
  const tell = (message: string): never => {
    told.push(message)
    throw new Error('the log is full')
  }
  const desk = createDesk({
    leaseMs: 3_000,
    pollMinMs: 10,
    pollMaxMs: 10,
    logger: { warn: tell, error: tell },
  })
  for (const method of ['claim', 'heartbeat', 'report'] as const) desk.dispatch.fail(method)
  desk.offer('a', 'b')
  await desk.worker.start()
  await wait(1_000)
  desk.running.get('a')?.succeed()
  await wait(1_000)
  desk.dispatch.answer = () => 'rejected'
  desk.running.get('b')?.succeed()
  desk.dispatch.fail('heartbeat', 100)
  await wait(6_000)
  expect(told).toEqual(
    expect.arrayContaining([
      'work could not be claimed; it will be tried again',
      'the heartbeat failed; it will be sent again',
      'results could not be reported; they will be again',
      'a result was rejected: the worker no longer held the step',
      'the lease ran out without a heartbeat: all attempts are given up',
    ]),
  )
  desk.offer('c')
  await wait(1_000)
  expect(desk.running.has('c')).toBe(true)
})
