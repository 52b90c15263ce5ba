import { randomUUID } from 'node:crypto'
import { type Database, getExecution, getExecutionEvents } from '@steptrail/core'
import { openTestDatabase } from '@steptrail/testkit'
import { CompleteAsyncError, type Info } from '@temporalio/activity'
import { ApplicationFailure } from '@temporalio/common'
import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger } from '@temporalio/worker'
import { beforeAll, describe, expect, it } from 'vitest'
import { HistoryMaker } from '../../test/history-maker.ts'
import {
  importHistory,
  nameAsker,
  readHistory,
  recordAttempts,
  temporalExecutionId,
  TemporalRecorder,
  workflowSinks,
} from '../index.ts'

const asker = () => ({ actor: { type: 'user', id: 'anna' }, reason: 'ticket 7' }) as const
const histories = new Map<string, HistoryMaker>()
const troubles: string[] = []
const asksOf = new Map<string, number[]>()
const engine = {
  history: ({ runId }: { readonly runId: string }, after: number) => {
    asksOf.set(runId, [...(asksOf.get(runId) ?? []), after])
    const maker = histories.get(runId)
    if (maker === undefined) return Promise.resolve(null)
    return Promise.resolve({ events: maker.json().events.slice(after) })
  },
  currentRun: (workflowId: string) => Promise.resolve(workflowId.replace('order ', '')),
}

let database: Database
let recorder: TemporalRecorder
beforeAll(async () => {
  database = await openTestDatabase('embedded')
  recorder = new TemporalRecorder(database, engine, {
    undoes: { release: 'reserve' },
    onTrouble: (message) => troubles.push(message),
  })
})

const begun = () => {
  const runId = randomUUID()
  const run = { workflowId: `order ${runId}`, runId }
  const maker = new HistoryMaker(run.workflowId, runId)
  histories.set(runId, maker)
  return { run, maker, executionId: temporalExecutionId(run) }
}

const attempt = (
  run: { readonly workflowId: string; readonly runId: string },
  info: Partial<Info>,
  work: () => Promise<unknown>,
): Promise<unknown> => {
  const now = Date.now()
  const facts = {
    scheduledTimestampMs: now,
    scheduleToCloseTimeoutMs: 60_000,
    retryPolicy: { maximumAttempts: 3 },
  }
  return new MockActivityEnvironment(
    { workflowExecution: run, activityId: '1', activityType: 'charge', taskQueue: 'shop', ...facts, ...info },
    { interceptors: [recordAttempts(recorder)], logger: new DefaultLogger('ERROR') },
  ).run(work)
}
const failing =
  (message: string, nonRetryable = false) =>
  () =>
    Promise.reject(ApplicationFailure.create({ message, type: 'CardError', nonRetryable }))

const storyOf = async (executionId: string) => {
  const events = await getExecutionEvents(database, executionId)
  const types = events.map(({ eventType, retryCount }) =>
    retryCount === null ? eventType : `${eventType} ${retryCount}`,
  )
  return { events, types, view: await getExecution(database, executionId) }
}

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

describe('a recorder of Temporal', () => {
  it('reads the history of a run that says it has ended until that is in it', async () => {
    const { run, maker, executionId } = begun()
    recorder.note(run, 'ended')
    await recorder.recordNoted()
    expect((await storyOf(executionId)).view.status).toBe('running')
    maker.completed()
    await recorder.recordNoted()
    expect((await storyOf(executionId)).view.status).toBe('completed')
  })

  it('reads it however long Temporal was away', async () => {
    const { run, maker, executionId } = begun()
    let away = 20
    const restored = {
      ...engine,
      history: (asked: typeof run, after: number) =>
        (away -= 1) > 0 ? Promise.reject(new Error('Temporal is away')) : engine.history(asked, after),
    }
    const patient = new TemporalRecorder(database, restored, { pollMs: 1, openEveryMs: 2 })
    patient.note(run, 'began')
    maker.completed()
    await expect.poll(() => patient.recordNoted(), { interval: 1 }).toBe(1)
    expect((await storyOf(executionId)).view.status).toBe('completed')
  })

  it('takes up what it is told of, and what no worker tells of any more', async () => {
    const { run, maker, executionId } = begun()
    recorder.note(run, 'began')
    expect(await recorder.recordNoted()).toBeGreaterThan(0)
    maker.event('workflowExecutionTerminated', { reason: 'stuck', identity: '1@cli' })
    await recorder.noteOpen()
    await recorder.recordNoted()
    expect((await storyOf(executionId)).view.status).toBe('cancelled')
  })

  it('reads a history on from where it was, and from its beginning where the trail has lost that', async () => {
    const { run, maker, executionId } = begun()
    maker.activity('reserve')
    await recorder.recordRun(run)
    maker.schedule('charge')
    await recorder.recordRun(run)
    const read = maker.last
    maker.end('charge', read, { attempts: 2 }).task()
    await recorder.recordRun(run)
    expect(asksOf.get(run.runId)).toEqual([0, 10, 11])
    const { view } = await storyOf(executionId)
    expect(view.steps).toMatchObject([
      { name: 'reserve', status: 'complete' },
      { name: 'charge', status: 'complete', attempt: 2 },
    ])
    await database.query(`update observed_sources set last_batch = '{11}' where last_batch = $1`, [
      [String(maker.last)],
    ])
    maker.completed()
    await recorder.recordRun(run)
    expect(asksOf.get(run.runId)?.slice(3)).toEqual([maker.last - 1, 0])
    expect((await storyOf(executionId)).view.status).toBe('completed')
  })

  it('counts only what tells something as read: Temporal may give other numbers to a task under way', async () => {
    const { run, maker, executionId } = begun()
    const shown = maker.json().events
    const task = { eventId: '5', eventTime: '2026-11-20T10:00:01Z', workflowTaskScheduledEventAttributes: {} }
    const seen = [...shown, task]
    const showing = { ...engine, history: () => Promise.resolve({ events: seen }) }
    await new TemporalRecorder(database, showing).recordRun(run)
    maker.event('workflowExecutionSignaled', { signalName: 'hurry' })
    await recorder.recordRun(run)
    expect((await storyOf(executionId)).types.at(-1)).toBe('ORCHESTRATION_SIGNALLED')
  })

  it('looks after all runs in one process at a time', async () => {
    const another = new TemporalRecorder(database, engine)
    const third = new TemporalRecorder(database, engine, { namespace: 'of its own' })
    expect([await recorder.noteOpen(), await another.noteOpen(), await third.noteOpen()]).toEqual([
      true,
      false,
      true,
    ])
    await third.close()
    await recorder.close()
    expect(await another.noteOpen()).toBe(true)
    await another.close()
  })

  it('says once that Temporal has deleted a run, and asks no more', async () => {
    const { run, maker, executionId } = begun()
    const told: string[] = []
    const onTrouble = (message: string) => void told.push(message)
    const one = new TemporalRecorder(database, engine, { onTrouble })
    maker.activity('reserve').schedule('charge')
    await one.recordRun(run)
    histories.delete(run.runId)
    const asked = asksOf.get(run.runId)?.length ?? 0
    for (let times = 0; times < 3; times += 1) {
      await one.noteOpen()
      await one.recordNoted()
    }
    expect(asksOf.get(run.runId)?.length).toBe(asked + 1)
    expect(told.filter((message) => message.includes(run.runId))).toEqual([
      `Temporal no longer knows ${run.workflowId}/${run.runId}`,
    ])
    const { view, events } = await storyOf(executionId)
    expect(view).toMatchObject({
      status: 'cancelled',
      steps: [{ status: 'complete' }, { status: 'cancelled' }],
    })
    expect(events.at(-1)).toMatchObject({
      actorType: null,
      reason: 'Temporal no longer knows this run: how it ended is not observable',
      details: { engineOutcome: 'not observable' },
    })
    maker.end('charge', maker.last).task().completed()
    await importHistory(database, readHistory(maker.json(), { name: 'archived' }))
    const { types, view: whole } = await storyOf(executionId)
    expect(types.slice(-2)).toEqual(['ORCHESTRATION_RESUMED', 'ORCHESTRATION_COMPLETED'])
    expect(whole.status).toBe('completed')
    await one.close()
  })
})
