import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { claimOf } from '../test/booking.ts'
import { ScriptedDispatch } from '../test/scripted-dispatch.ts'
import type { Result } from './dispatch.ts'
import { Outbox } from './outbox.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const resultOf = (name: string, executionId = 'e'): Result => ({
  stepId: `step-${name}`,
  executionId,
  attempt: 1,
  attemptToken: name,
  workerUuid: 'w',
  executionTimeMs: 1,
  success: true,
  output: null,
})

interface Setting {
  readonly dispatch: ScriptedDispatch
  readonly outbox: Outbox
  readonly logged: string[]
  readonly taken: string[]
  decided: number
  freed: number
  room: number
}

const setting = (): Setting => {
  const dispatch = new ScriptedDispatch()
  const logged: string[] = []
  const log = (message: string): void => void logged.push(message)
  const made: Setting = {
    dispatch,
    logged,
    taken: [],
    decided: 0,
    freed: 0,
    room: 0,
    outbox: new Outbox({
      dispatch,
      retryMinMs: 10,
      retryMaxMs: 40,
      room: () => made.room,
      take: (claims) => Promise.resolve(void made.taken.push(...claims.map(({ stepName }) => stepName))),
      decided: () => void (made.decided += 1),
      placesFreed: () => void (made.freed += 1),
      logger: { warn: log, error: log },
    }),
  }
  return made
}

/** Lets everything run that needs no time. */
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0)
const batches = (dispatch: ScriptedDispatch): string[] =>
  dispatch.of('report').map(({ results }) => results.map(({ attemptToken }) => attemptToken).join(' '))

test('what has come in since the last report goes with the next one', async () => {
  const { dispatch, outbox } = setting()
  const resume = dispatch.hold('report')
  const run = outbox.run()
  outbox.add(resultOf('a'))
  await settle()
  outbox.add(resultOf('b'))
  outbox.add(resultOf('c'))
  await settle()
  expect(batches(dispatch)).toEqual(['a'])
  resume()
  await settle()
  expect(batches(dispatch)).toEqual(['a', 'b c'])
  outbox.finish()
  await run
})

/** Results of so many executions, one of each. */
const resultsOf = (from: number, to: number): readonly Result[] =>
  Array.from({ length: to - from }, (_, index) => resultOf(`r${from + index}`, `e${from + index}`))

test('what is enough for two goes in two reports at a time, and what is not waits for one of them', async () => {
  const { dispatch, outbox } = setting()
  const [resumeFirst, resumeSecond] = [dispatch.hold('report'), dispatch.hold('report')]
  for (const result of resultsOf(0, 8)) outbox.add(result)
  const run = outbox.run()
  await settle()
  expect(batches(dispatch)).toEqual(['r0 r1 r2 r3', 'r4 r5 r6 r7'])
  for (const result of resultsOf(8, 17)) outbox.add(result)
  await settle()
  expect(batches(dispatch)).toHaveLength(2)
  const resumeThird = dispatch.hold('report')
  resumeSecond()
  await settle()
  expect(batches(dispatch)[2]).toBe('r8 r9 r10 r11 r12 r13 r14 r15 r16')
  for (const result of resultsOf(17, 20)) outbox.add(result)
  resumeFirst()
  await settle()
  expect(batches(dispatch)).toHaveLength(3)
  resumeThird()
  await settle()
  expect(batches(dispatch)[3]).toBe('r17 r18 r19')
  outbox.finish()
  await run
})

test('results of an execution go one report after the other', async () => {
  const { dispatch, outbox } = setting()
  const resume = dispatch.hold('report')
  void outbox.run()
  outbox.add(resultOf('a', 'e0'))
  await settle()
  for (const result of [resultOf('b', 'e0'), ...resultsOf(1, 5)]) outbox.add(result)
  await settle()
  expect(batches(dispatch)).toEqual(['a', 'r1 r2 r3 r4'])
  resume()
  await settle()
  expect(batches(dispatch)).toEqual(['a', 'r1 r2 r3 r4', 'b'])
})

test('two reports ask for no more room together than there is', async () => {
  const made = setting()
  const { dispatch, outbox } = made
  made.room = 6
  dispatch.hold('report')
  dispatch.hold('report')
  for (const result of resultsOf(0, 8)) outbox.add(result)
  void outbox.run()
  await settle()
  expect(dispatch.of('report').map(({ room }) => room)).toEqual([4, 2])
})

test('while a storage that failed is left alone, nothing is reported beside', async () => {
  const { dispatch, outbox } = setting()
  dispatch.fail('report', 2)
  for (const result of resultsOf(0, 8)) outbox.add(result)
  void outbox.run()
  await settle()
  expect(batches(dispatch)).toHaveLength(1)
  for (const result of resultsOf(8, 20)) outbox.add(result)
  await vi.advanceTimersByTimeAsync(9)
  expect(batches(dispatch)).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(1000)
  expect(outbox.size).toBe(0)
})

test('a result stays until the runtime has returned an outcome for it, and is reported again with back-off', async () => {
  const { dispatch, outbox } = setting()
  dispatch.answer = () => 'later'
  void outbox.run()
  outbox.add(resultOf('a'))
  for (const [afterMs, reports] of [
    [0, 1],
    [9, 1],
    [1, 2],
    [19, 2],
    [1, 3],
    [40, 4],
    [40, 5],
  ] as const) {
    await vi.advanceTimersByTimeAsync(afterMs)
    expect(dispatch.of('report')).toHaveLength(reports)
  }
  expect(outbox.held).toEqual([{ stepId: 'step-a', attemptToken: 'a' }])
  dispatch.answer = () => 'accepted'
  await vi.advanceTimersByTimeAsync(40)
  expect(outbox.size).toBe(0)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(dispatch.of('report')).toHaveLength(6)
})

test('a new result does not wait for one that could not be decided on', async () => {
  const { dispatch, outbox } = setting()
  dispatch.answer = ({ attemptToken }) => (attemptToken === 'a' ? 'later' : 'accepted')
  void outbox.run()
  outbox.add(resultOf('a'))
  await settle()
  outbox.add(resultOf('b'))
  await settle()
  expect(batches(dispatch)).toEqual(['a', 'a b'])
})

test('a storage that fails is left alone for a while, and then tried again', async () => {
  const { dispatch, outbox, logged } = setting()
  dispatch.fail('report', 2)
  void outbox.run()
  outbox.add(resultOf('a'))
  await settle()
  outbox.add(resultOf('b'))
  await vi.advanceTimersByTimeAsync(9)
  expect(batches(dispatch)).toEqual(['a'])
  await vi.advanceTimersByTimeAsync(1)
  await vi.advanceTimersByTimeAsync(20)
  expect(outbox.size).toBe(0)
  expect(logged).toEqual(Array(2).fill('results could not be reported; they will be again'))
})

test('a result that the storage cannot take does not keep the others back', async () => {
  const { dispatch, outbox } = setting()
  const names = ['a', 'b', 'poison', 'd', 'e']
  dispatch.answer = ({ attemptToken }) => {
    if (attemptToken === 'poison') throw new Error('cannot store this')
    return 'accepted'
  }
  for (const name of names) outbox.add(resultOf(name))
  void outbox.run()
  await vi.advanceTimersByTimeAsync(1_000)
  expect(outbox.held.map(({ attemptToken }) => attemptToken)).toEqual(['poison'])
  outbox.add(resultOf('f'))
  await vi.advanceTimersByTimeAsync(1_000)
  expect(outbox.size).toBe(1)
})

test('batches grow again when the storage has recovered', async () => {
  const { dispatch, outbox } = setting()
  const add = (from: number): void => {
    for (let index = from; index < from + 12; index++) outbox.add(resultOf(`r${index}`))
  }
  dispatch.fail('report')
  add(0)
  void outbox.run()
  await vi.advanceTimersByTimeAsync(10)
  add(12)
  await settle()
  expect(dispatch.of('report').map(({ results }) => results.length)).toEqual([12, 6, 6, 12])
})

test('more results than fit in one batch go in several', async () => {
  const { dispatch, outbox } = setting()
  for (let index = 0; index < 600; index++) outbox.add(resultOf(`r${index}`))
  outbox.finish()
  await outbox.run()
  expect(dispatch.of('report').map(({ results }) => results.length)).toEqual([256, 256, 88])
})

test('a decision is announced, a rejection also logged, and an outcome that nobody asked for is ignored', async () => {
  const made = setting()
  const { dispatch, outbox, logged } = made
  dispatch.answer = ({ attemptToken }) => (attemptToken === 'a' ? 'later' : 'rejected')
  void outbox.run()
  outbox.add(resultOf('a'))
  await settle()
  expect(made.decided).toBe(0)
  outbox.add(resultOf('b'))
  await settle()
  expect(made.decided).toBe(1)
  expect(logged).toEqual(['a result was rejected: the worker no longer held the step'])
})

test('asks for what follows as far as there is room, at most one for each result, and hands it on', async () => {
  const made = setting()
  const { dispatch, outbox } = made
  dispatch.next = ({ stepId }) => claimOf(`after ${stepId}`, { stepName: `after ${stepId}` })
  void outbox.run()
  for (const [name, room] of [
    ['a', 3],
    ['b', 0],
    ['c', -1],
  ] as const) {
    made.room = room
    outbox.add(resultOf(name))
    await settle()
  }
  expect(dispatch.of('report').map(({ room }) => room)).toEqual([1, 0, 0])
  expect(made.taken).toEqual([`after ${resultOf('a').stepId}`])
})

test('a result keeps a place for what follows until it was reported, be it in vain', async () => {
  const { dispatch, outbox } = setting()
  dispatch.answer = () => 'later'
  outbox.add(resultOf('a'))
  expect([outbox.size, outbox.fresh]).toEqual([1, 1])
  void outbox.run()
  await settle()
  expect([outbox.size, outbox.fresh]).toEqual([1, 0])
})

test('that a result keeps no place any more is told once, however often it is reported in vain', async () => {
  const made = setting()
  made.dispatch.answer = () => 'later'
  made.outbox.add(resultOf('a'))
  void made.outbox.run()
  await vi.advanceTimersByTimeAsync(100)
  expect(made.dispatch.results.length).toBeGreaterThan(1)
  expect(made.freed).toBe(1)
})

test('it finishes when nothing is left, and stops even if something is', async () => {
  const { dispatch, outbox } = setting()
  dispatch.answer = () => 'later'
  const run = outbox.run()
  outbox.add(resultOf('a'))
  outbox.finish()
  await vi.advanceTimersByTimeAsync(500)
  expect(outbox.size).toBe(1)
  outbox.stop()
  await run
  const idle = setting().outbox
  const finished = idle.run()
  idle.finish()
  await finished
})
