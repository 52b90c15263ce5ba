import { randomUUID } from 'node:crypto'
import type { Database } from '@steptrail/core'
import { openTestDatabase } from '@steptrail/testkit'
import { beforeAll, describe, expect, it } from 'vitest'
import { madeRuns, madeStory } from '../../test/made-runs.ts'
import { importHistory, readHistory } from '../history/index.ts'
import { TemporalRecorder } from './temporal-recorder.ts'

const { histories, asksOf, engine, begun } = madeRuns()
const storyOf = (executionId: string) => madeStory(database, executionId)

let database: Database
let recorder: TemporalRecorder
beforeAll(async () => {
  database = await openTestDatabase('embedded')
  recorder = new TemporalRecorder(database, engine)
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

  it('does not ask again of a run of which nobody knows anything', async () => {
    const run = { workflowId: 'order gone', runId: randomUUID() }
    const told: string[] = []
    const one = new TemporalRecorder(database, engine, {
      onTrouble: (message) => void told.push(message),
      pollMs: 0,
      openEveryMs: 0,
    })
    one.note(run, 'began')
    for (let times = 0; times < 3; times += 1) await one.recordNoted()
    expect(asksOf.get(run.runId)).toEqual([0])
    expect(told).toEqual([`Temporal does not know order gone/${run.runId}`])
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
      `Temporal does not know ${run.workflowId}/${run.runId}`,
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
    expect(types.slice(-4)).toEqual([
      'ORCHESTRATION_RESUMED',
      'STEP_STARTED',
      'STEP_SUCCESS 0',
      'ORCHESTRATION_COMPLETED',
    ])
    expect(whole).toMatchObject({
      status: 'completed',
      steps: [{ name: 'reserve' }, { status: 'cancelled' }, { name: 'charge#2', status: 'complete' }],
    })
    await one.close()
  })
})
