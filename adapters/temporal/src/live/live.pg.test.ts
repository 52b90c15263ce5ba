import type { Database } from '@steptrail/core'
import { openTestDatabase } from '@steptrail/testkit'
import { CompleteAsyncError, type Info } from '@temporalio/activity'
import { ApplicationFailure } from '@temporalio/common'
import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger } from '@temporalio/worker'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { madeRuns, madeStory } from '../../test/made-runs.ts'
import {
  importHistory,
  nameAsker,
  readHistory,
  recordAttempts,
  TemporalRecorder,
  workflowSinks,
} from '../index.ts'

const asker = () => ({ actor: { type: 'user', id: 'anna' }, reason: 'ticket 7' }) as const
const troubles: string[] = []
const { engine, begun } = madeRuns()

let database: Database
let recorder: TemporalRecorder
beforeAll(async () => {
  database = await openTestDatabase('embedded')
  recorder = new TemporalRecorder(database, engine, {
    undoes: { release: 'reserve' },
    onTrouble: (message) => troubles.push(message),
  })
})

const attempt = (
  run: { readonly workflowId: string; readonly runId: string },
  info: Partial<Info>,
  work: () => Promise<unknown>,
  by = recorder,
): Promise<unknown> => {
  const now = Date.now()
  const facts = {
    scheduledTimestampMs: now,
    scheduleToCloseTimeoutMs: 60_000,
    retryPolicy: { maximumAttempts: 3 },
  }
  return new MockActivityEnvironment(
    { workflowExecution: run, activityId: '1', activityType: 'charge', taskQueue: 'shop', ...facts, ...info },
    { interceptors: [recordAttempts(by)], logger: new DefaultLogger('ERROR') },
  ).run(work)
}
const failing =
  (message: string, nonRetryable = false) =>
  () =>
    Promise.reject(ApplicationFailure.create({ message, type: 'CardError', nonRetryable }))

const storyOf = (executionId: string) => madeStory(database, executionId)

describe('activities whose worker has the interceptor', () => {
  it('have each attempt on record before Temporal is told, and one story with their history', async () => {
    const { run, maker, executionId } = begun()
    await expect(attempt(run, { attempt: 1 }, failing('no answer'))).rejects.toThrow('no answer')
    const seen = await storyOf(executionId)
    expect(seen.types).toEqual([
      'ORCHESTRATION_STARTED',
      'STEP_STARTED',
      'STEP_FAILED 0',
      'STEP_RETRY_TRIGGERED 1',
    ])
    expect(seen.events[2]?.details).toMatchObject({ errorMessage: 'no answer', errorCode: 'CardError' })
    await expect(attempt(run, { attempt: 2 }, failing('busy'))).rejects.toThrow('busy')
    expect(await attempt(run, { attempt: 3 }, () => Promise.resolve('done'))).toBe('done')
    await recorder.recordRun(run)
    maker.activity('charge', { attempts: 3 }).completed()
    await recorder.recordRun(run)
    const { view, events, types } = await storyOf(executionId)
    expect(types.slice(2)).toEqual([
      'STEP_FAILED 0',
      'STEP_RETRY_TRIGGERED 1',
      'STEP_FAILED 1',
      'STEP_RETRY_TRIGGERED 2',
      'STEP_SUCCESS 2',
      'ORCHESTRATION_COMPLETED',
    ])
    expect(
      events.filter(({ eventType }) => eventType === 'STEP_FAILED').map(({ details }) => details),
    ).toEqual([
      expect.not.objectContaining({ notObservable: expect.anything() as unknown }),
      expect.not.objectContaining({ notObservable: expect.anything() as unknown }),
    ])
    expect(view).toMatchObject({ status: 'completed', steps: [{ name: 'charge', attempt: 3 }] })
    const again = await importHistory(database, readHistory(maker.json(), { name: 'made' }))
    expect(again).toMatchObject({ executionId, recorded: 0 })
    await expect(attempt(run, { attempt: 2 }, failing('busy'))).rejects.toThrow('busy')
    expect((await storyOf(executionId)).events).toEqual(events)
  })

  it('have an attempt that lasts on record while it is under way, and that as lost which a later one follows', async () => {
    const { run, executionId } = begun()
    await attempt(run, { attempt: 1 }, async () => {
      await expect.poll(async () => (await storyOf(executionId)).view.steps.at(0)?.status).toBe('in_progress')
    }).catch(() => undefined)
    await expect(attempt(run, { attempt: 2 }, failing('busy'))).rejects.toThrow('busy')
    const { events } = await storyOf(executionId)
    expect(events[2]).toMatchObject({ eventType: 'STEP_FAILED', details: { outcomeUnknown: true } })
  })

  it.each([
    ['a text', 'a text'],
    [null, 'null was thrown'],
    [{ code: 'X' }, 'an object without a message was thrown'],
    [Object.create(null), 'an object without a message was thrown'],
    [new Error(''), 'Error'],
  ])('fail with what they threw, whatever it is, and have it on record: %o', async (thrown, message) => {
    const { run, executionId } = begun()
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- what is no error is what it is about
    const failed = attempt(run, { attempt: 3 }, () => Promise.reject(thrown))
    expect(await failed.catch((error: unknown) => error)).toBe(thrown)
    const { events } = await storyOf(executionId)
    expect(events.at(-1)).toMatchObject({ eventType: 'STEP_FAILED', details: { errorMessage: message } })
  })

  it('have no retry to wait for where Temporal makes none', async () => {
    const { run, executionId } = begun()
    await expect(attempt(run, { attempt: 2 }, failing('stolen card', true))).rejects.toThrow('stolen card')
    const { view, events } = await storyOf(executionId)
    expect(view.steps).toMatchObject([{ status: 'error', attempt: 2 }])
    expect(events.at(-1)).toMatchObject({ severity: 'error', reason: 'stolen card' })
  })

  it('are given up where they wait for an attempt that Temporal does not make', async () => {
    const { run, maker, executionId } = begun()
    const scheduled = maker.schedule('charge')
    await expect(attempt(run, { attempt: 1 }, failing('no answer'))).rejects.toThrow('no answer')
    maker
      .event('activityTaskCanceled', { scheduledEventId: `${scheduled}` })
      .task()
      .completed()
    await recorder.recordRun(run)
    const { view, events } = await storyOf(executionId)
    expect(view).toMatchObject({ status: 'completed', steps: [{ status: 'error' }] })
    expect(events.at(-2)?.details).toMatchObject({ errorCode: 'CANCELED', gaveUpWaiting: true })
  })

  it('have not failed where somebody else is to complete them', async () => {
    const { run, executionId } = begun()
    await recorder.recordRun(run)
    const left = attempt(run, { attempt: 1 }, () => Promise.reject(new CompleteAsyncError()))
    await expect(left).rejects.toThrow(CompleteAsyncError)
    expect((await storyOf(executionId)).types).toEqual(['ORCHESTRATION_STARTED'])
  })

  it('are on record after what their history tells of before them', async () => {
    const { run, maker, executionId } = begun()
    await recorder.recordRun(run)
    const scheduled = maker.activity('reserve').cancelRequested().schedule('release')
    const release = attempt(run, { activityId: '2', activityType: 'release', attempt: 1 }, failing('busy'))
    await expect(release).rejects.toThrow('busy')
    maker.end('release', scheduled, { attempts: 2 }).event('workflowExecutionCanceled', {})
    await recorder.recordRun(run)
    const { view } = await storyOf(executionId)
    expect(view.steps).toMatchObject([
      { name: 'reserve', operationType: 'DO', status: 'complete' },
      { name: 'reserve', operationType: 'UNDO', status: 'complete', attempt: 2 },
    ])
    expect(view.status).toBe('cancelled')
  })

  it('do their work also when nothing can be put on record, which is told once', async () => {
    const run = { workflowId: 'order none', runId: 'none' }
    for (const number of [1, 2])
      await expect(attempt(run, { attempt: number }, failing('no answer'))).rejects.toThrow('no answer')
    expect(troubles).toEqual(['what Temporal did in order none/none cannot be put on record now'])
  })

  it('do it also when who is told of that fails', async () => {
    const said = vi.spyOn(console, 'error').mockReturnValue(undefined)
    const onTrouble = () => {
      throw new Error('nobody listens')
    }
    const run = { workflowId: 'order unheard', runId: 'unheard' }
    const unheard = new TemporalRecorder(database, engine, { onTrouble })
    await expect(attempt(run, { attempt: 1 }, failing('no answer'), unheard)).rejects.toThrow('no answer')
    expect(JSON.stringify(said.mock.calls)).toContain('the work goes on')
    said.mockRestore()
  })
})

describe('who asks Temporal', () => {
  const asked: Record<string, unknown>[] = []
  const next = (input: object) => {
    asked.push(input as Record<string, unknown>)
    return Promise.resolve({}) as Promise<never>
  }

  it('is on record with a request to cancel, before Temporal is asked, and as who cancelled in the end', async () => {
    const { run, maker, executionId } = begun()
    const { cancel } = nameAsker(recorder, asker)
    await cancel?.({ workflowExecution: { workflowId: run.workflowId } }, async (input) => {
      expect((await storyOf(executionId)).types.at(-1)).toBe('ORCHESTRATION_SIGNALLED')
      return await next(input)
    })
    maker.cancelRequested().event('workflowExecutionCanceled', {})
    await recorder.recordRun(run)
    const { types, events } = await storyOf(executionId)
    expect(types).toEqual(['ORCHESTRATION_STARTED', 'ORCHESTRATION_SIGNALLED', 'ORCHESTRATION_CANCELLED'])
    for (const event of events.slice(1))
      expect(event).toMatchObject({ actorType: 'user', actorId: 'anna', reason: 'ticket 7' })
  })

  it('is on record with each request to cancel, of which Temporal takes the first', async () => {
    const { run, maker, executionId } = begun()
    for (const id of ['anna', 'bea']) {
      const { cancel } = nameAsker(recorder, () => ({ actor: { type: 'user', id } }))
      await cancel?.({ workflowExecution: { workflowId: run.workflowId } }, next)
    }
    maker.cancelRequested().event('workflowExecutionCanceled', {})
    await recorder.recordRun(run)
    const { events } = await storyOf(executionId)
    expect(events.slice(1).map(({ eventType, actorId }) => [eventType, actorId])).toEqual([
      ['ORCHESTRATION_SIGNALLED', 'anna'],
      ['ORCHESTRATION_SIGNALLED', 'bea'],
      ['ORCHESTRATION_CANCELLED', 'anna'],
    ])
  })

  it('is on record with an update that the workflow rejects, once', async () => {
    const { run, executionId } = begun()
    const told = {
      id: 'update-1',
      name: 'approve',
      asked: JSON.stringify(asker()),
      error: { message: 'too late', code: 'Late' },
    }
    const { rejected } = workflowSinks(recorder).steptrail
    const info = run as Parameters<typeof rejected.fn>[0]
    for (let times = 0; times < 2; times += 1) await rejected.fn(info, told)
    const { events } = await storyOf(executionId)
    expect(events.slice(1)).toMatchObject([
      {
        eventType: 'ORCHESTRATION_SIGNALLED',
        actorId: 'anna',
        reason: 'ticket 7',
        message: 'Update rejected: approve',
        details: { updateId: 'update-1', outcome: 'rejected', errorMessage: 'too late', errorCode: 'Late' },
      },
    ])
  })

  it('goes to Temporal with a start, a signal, an update and a termination', async () => {
    const { startWithDetails, signal, signalWithStart, startUpdate, terminate } = nameAsker(recorder, asker)
    const input = { headers: { trace: { data: new Uint8Array(1) } } } as never
    asked.length = 0
    await startWithDetails?.(input, next)
    await signal?.(input, next)
    await signalWithStart?.(input, next)
    await startUpdate?.(input, next)
    for (const { headers } of asked)
      expect(Object.keys(headers as object)).toEqual(['trace', 'steptrail-asked'])
    await terminate?.({ workflowExecution: { workflowId: 'w' }, details: ['mine'] }, next)
    expect(asked.at(-1)?.['details']).toEqual(['mine', { 'steptrail-asked': asker() }])
  })

  it('has to be somebody: Temporal is not asked otherwise', async () => {
    const { terminate } = nameAsker(recorder, () => ({ actor: { type: 'user', id: ' ' } }))
    expect(() => terminate?.({ workflowExecution: { workflowId: 'w' } }, next)).toThrow(
      'the actor id is empty',
    )
  })
})
