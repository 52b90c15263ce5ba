import { hostname } from 'node:os'
import { isUuid, TrailError } from '@steptrail/event'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { booking, claimOf } from '../test/booking.ts'
import { createDesk, type Desk } from '../test/desk.ts'
import { ScriptedDispatch } from '../test/scripted-dispatch.ts'
import { createWorker } from './worker.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const wait = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms)
/** Lets everything run that needs no time. */
const settle = (): Promise<unknown> => wait(0)

const started = async (...given: Parameters<typeof createDesk>): Promise<Desk> => {
  const desk = createDesk(...given)
  await desk.worker.start()
  await settle()
  return desk
}

const limits = ({ dispatch }: Desk): number[] => dispatch.of('claim').map(({ limit }) => limit)
const waits = ({ dispatch }: Desk): number[] => dispatch.of('waitForWork').map(({ timeoutMs }) => timeoutMs)
const reported = ({ dispatch }: Desk): string[] => dispatch.results.map(({ attemptToken }) => attemptToken)

describe('starting', () => {
  test('registers who the worker is and what it implements', async () => {
    const { dispatch, worker } = await started({ leaseMs: 3_000, version: '7.1' })
    expect(dispatch.of('register')).toEqual([
      {
        method: 'register',
        worker: {
          workerUuid: worker.workerUuid,
          service: 'desk',
          implements: [
            { workflowName: 'booking', workflowVersion: '2', stepName: 'reserve' },
            { workflowName: 'booking', workflowVersion: '2', stepName: 'greet' },
          ],
          definitions: [booking.definition],
          leaseMs: 3_000,
          host: hostname(),
          pid: process.pid,
          version: '7.1',
        },
      },
    ])
    expect(isUuid(worker.workerUuid)).toBe(true)
    expect(worker.state).toBe('running')
  })

  test('happens once', async () => {
    const { dispatch, worker } = await started()
    await worker.start()
    expect(dispatch.of('register')).toHaveLength(1)
  })

  test('fails with what registering fails with, and may be tried again', async () => {
    const { dispatch, worker } = createDesk()
    dispatch.fail('register')
    await expect(worker.start()).rejects.toThrow('no storage for register')
    expect(worker.state).toBe('created')
    expect(dispatch.of('claim')).toEqual([])
    await worker.start()
    expect(worker.state).toBe('running')
  })

  test('is refused for a worker that implements nothing, and for a closed one', async () => {
    const worker = createWorker(new ScriptedDispatch(), { service: 'desk' })
    await expect(worker.start()).rejects.toThrow(/worker desk implements nothing/)
    await worker.close()
    await expect(worker.start()).rejects.toThrow(TrailError)
    await expect(worker.start()).rejects.toMatchObject({ code: 'worker_closed' })
    expect(() => worker.implement(booking, handlers)).toThrow(/worker desk is closed/)
  })

  test('ends the time for implement', async () => {
    const { worker } = await started()
    expect(() => worker.implement(booking, handlers)).toThrow(
      /has been started: implement booking before start/,
    )
  })
})

const handlers = { reserve: { do: () => ({ room: 1 }), undo: () => {} }, greet: { do: () => null } }

describe('claiming', () => {
  test('takes at most as many as there is room for', async () => {
    const desk = createDesk({ concurrency: 2 })
    desk.offer('a', 'b', 'c')
    await desk.worker.start()
    await settle()
    expect([...desk.running.keys()]).toEqual(['a', 'b'])
    expect(limits(desk)).toEqual([2])
    desk.running.get('a')?.succeed()
    await settle()
    expect([...desk.running.keys()]).toEqual(['a', 'b', 'c'])
    expect(limits(desk)).toEqual([2, 1])
  })

  test('begins what follows from a result at once, without asking, and never more than it has places', async () => {
    const desk = createDesk({ concurrency: 2 })
    desk.dispatch.next = ({ attemptToken }) => claimOf(`after ${attemptToken}`)
    desk.offer('a', 'b', 'c')
    await desk.worker.start()
    await settle()
    const resume = desk.dispatch.hold('report')
    desk.running.get('a')?.succeed()
    await settle()
    expect(limits(desk)).toEqual([2])
    resume()
    await settle()
    expect([...desk.running.keys()]).toEqual(['a', 'b', 'after a'])
    expect(limits(desk)).toEqual([2])
    expect(desk.dispatch.of('report').map(({ room }) => room)).toEqual([1])
  })

  test('gives back what follows from a result that comes in while it closes', async () => {
    const desk = createDesk({ concurrency: 1 })
    desk.dispatch.next = () => claimOf('next')
    desk.offer('a')
    await desk.worker.start()
    await settle()
    const resume = desk.dispatch.hold('report')
    desk.running.get('a')?.succeed()
    await settle()
    const closing = desk.worker.close()
    resume()
    await settle()
    expect(await closing).toEqual({ released: 1, unreported: 0 })
    expect([...desk.running.keys()]).toEqual(['a'])
  })

  test('takes ten at once by default', async () => {
    expect(limits(await started())).toEqual([10])
  })

  test('waits longer and longer while there is no work, and at once shorter when there is', async () => {
    const desk = await started({ pollMinMs: 10, pollMaxMs: 35 })
    await wait(10 + 20 + 35 + 35)
    expect(waits(desk)).toEqual([10, 20, 35, 35, 35])
    desk.offer('a')
    await settle()
    expect(waits(desk).at(-1)).toBe(35)
    await wait(35)
    expect(waits(desk).slice(5)).toEqual([35, 10])
  })

  test('does not wait when it got as much as it had room for', async () => {
    const desk = createDesk({ concurrency: 1 })
    desk.offer('a')
    await desk.worker.start()
    await settle()
    expect(waits(desk)).toEqual([])
  })

  test('looks again at once when its own results were decided on', async () => {
    const desk = createDesk({ pollMinMs: 1_000 })
    desk.offer('a')
    await desk.worker.start()
    await settle()
    desk.running.get('a')?.succeed()
    await settle()
    expect(desk.dispatch.of('claim')).toHaveLength(2)
  })

  test('does not miss results that are decided on while it claims', async () => {
    const desk = await started({ pollMinMs: 1_000 })
    desk.offer('a')
    await settle()
    const resume = desk.dispatch.hold('claim')
    await wait(1_000)
    desk.running.get('a')?.succeed()
    await settle()
    expect(desk.dispatch.of('report')).toHaveLength(1)
    const before = desk.dispatch.of('claim').length
    resume()
    await settle()
    expect(desk.dispatch.of('claim')).toHaveLength(before + 1)
  })

  test('goes on after a failure, with back-off', async () => {
    const desk = createDesk({ pollMinMs: 10 })
    desk.dispatch.fail('claim', 3)
    await desk.worker.start()
    desk.offer('a')
    await wait(10 + 20 + 39)
    expect(desk.running.size).toBe(0)
    await wait(1)
    expect(desk.running.size).toBe(1)
    expect(desk.logged).toEqual(Array(3).fill('work could not be claimed; it will be tried again'))
  })

  test('goes on though its logger throws', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => {})
    const full = (): never => {
      throw new Error('the disk of the log is full')
    }
    const desk = createDesk({ pollMinMs: 10, logger: { warn: full, error: full } })
    desk.dispatch.fail('claim', 3)
    await desk.worker.start()
    desk.offer('a')
    await wait(10 + 20 + 40)
    expect(desk.running.size).toBe(1)
    expect(said).toHaveBeenCalledTimes(3)
  })

  test('pauses while twice as many attempts as it may run wait to be decided on', async () => {
    const desk = createDesk({ concurrency: 2 })
    desk.dispatch.answer = () => 'later'
    desk.offer('a', 'b', 'c', 'd', 'e')
    await desk.worker.start()
    await settle()
    for (const name of ['a', 'b', 'c', 'd']) {
      desk.running.get(name)?.succeed()
      await settle()
    }
    expect([...desk.running.keys()]).toEqual(['a', 'b', 'c', 'd'])
    desk.dispatch.answer = () => 'accepted'
    await wait(1_000)
    expect([...desk.running.keys()]).toEqual(['a', 'b', 'c', 'd', 'e'])
  })
})

describe('a result', () => {
  test('is reported with all that names the attempt, and the time it took', async () => {
    const desk = await started()
    desk.offerClaim('a', { attempt: 2 })
    await wait(0)
    await wait(1_234)
    desk.running.get('a')?.succeed()
    await settle()
    expect(desk.dispatch.results).toEqual([
      {
        stepId: 'step-a',
        executionId: 'execution-a',
        attempt: 2,
        attemptToken: 'a',
        workerUuid: desk.worker.workerUuid,
        executionTimeMs: 1_234,
        success: true,
        output: { room: 1, floor: 1 },
      },
    ])
  })

  test('of a failure is reported as such, without a stack', async () => {
    const desk = await started()
    desk.offer('a')
    await settle()
    desk.running.get('a')?.fail(new Error('full'))
    await settle()
    expect(desk.dispatch.results[0]).toMatchObject({ success: false, error: { message: 'full' } })
    expect(desk.dispatch.results[0]).not.toHaveProperty('error.stack')
  })

  test('of a failure has a stack by option', async () => {
    const desk = await started({ recordStack: true })
    desk.offer('a')
    await settle()
    desk.running.get('a')?.fail(new Error('full'))
    await settle()
    expect(desk.dispatch.results[0]).toHaveProperty('error.stack', expect.stringContaining('Error: full'))
  })

  test('of a claim that the worker does not implement is a failure', async () => {
    const desk = await started()
    desk.offerClaim('a', { workflowVersion: '1' })
    await wait(50)
    expect(desk.dispatch.results[0]).toMatchObject({
      success: false,
      error: { code: 'invalid_configuration' },
    })
  })

  test('goes with the others that came in during a report', async () => {
    const desk = createDesk()
    desk.offer('a', 'b', 'c')
    await desk.worker.start()
    await settle()
    const resume = desk.dispatch.hold('report')
    for (const name of ['a', 'b', 'c']) {
      desk.running.get(name)?.succeed()
      await settle()
    }
    resume()
    await settle()
    expect(desk.dispatch.of('report').map(({ results }) => results.length)).toEqual([1, 2])
  })
})

describe('an attempt whose time is over', () => {
  test('is told to stop, and still reported', async () => {
    const desk = createDesk()
    desk.offerClaim('a', { timeoutMs: 700 })
    await desk.worker.start()
    await wait(699)
    const attempt = desk.running.get('a')
    expect(attempt?.signal.aborted).toBe(false)
    await wait(1)
    expect(attempt?.signal.reason).toMatchObject({
      code: 'attempt_aborted',
      details: { cause: 'timeout', timeoutMs: 700 },
    })
    await wait(5_000)
    expect(reported(desk)).toEqual([])
    attempt?.succeed()
    await settle()
    expect(desk.dispatch.results[0]).toMatchObject({ attemptToken: 'a', success: true })
  })

  test('is reported with what it was told when it passes that on', async () => {
    const desk = createDesk()
    desk.offerClaim('a', { timeoutMs: 700 })
    await desk.worker.start()
    await settle()
    const attempt = desk.running.get('a')
    attempt?.signal.addEventListener('abort', () => attempt.fail(attempt.signal.reason as Error))
    await wait(700)
    expect(desk.dispatch.results[0]).toMatchObject({
      success: false,
      error: {
        code: 'attempt_aborted',
        message: 'attempt 1 of step reserve is to stop: its time is over',
      },
    })
  })

  test('leaves no timer behind when it ends in time', async () => {
    const desk = createDesk({ concurrency: 1, leaseMs: 3_600_000 })
    desk.offer('a')
    await desk.worker.start()
    await settle()
    const attempt = desk.running.get('a')
    attempt?.succeed()
    await wait(120_000)
    expect(attempt?.signal.aborted).toBe(false)
  })
})

test('a result that is reported in vain keeps no place: other work is claimed beside it', async () => {
  const desk = createDesk({ concurrency: 1, pollMinMs: 10, pollMaxMs: 10 })
  desk.dispatch.answer = () => 'later'
  desk.offer('a', 'b')
  await desk.worker.start()
  await settle()
  desk.running.get('a')?.succeed()
  await settle()
  expect(reported(desk)).toEqual(['a'])
  expect([...desk.running.keys()]).toEqual(['a', 'b'])
})
