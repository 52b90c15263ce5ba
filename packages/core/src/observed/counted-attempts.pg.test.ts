import { openTestDatabase } from '@steptrail/testkit'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '../database/database.ts'
import { getExecution } from '../execution/get-execution.ts'
import { getExecutionEvents } from '../trail/execution-events.ts'
import type { Observation, ObservedEngine, ObservedHistory, ObservedStep } from './observation.ts'
import { idOf, observedExecutionId } from './observed-ids.ts'
import { ObservationRecorder } from './record-observations.ts'

const start = Date.parse('2026-11-20T10:00:00.000Z')
const workerUuid = idOf('worker')
const charge: ObservedStep = {
  key: 'charge',
  name: 'charge',
  service: 'shop',
  operation: 'DO',
  undoes: null,
  maxRetries: 4,
  attemptsSeen: true,
}

let database: Database
let made = 0
beforeAll(async () => {
  database = await openTestDatabase('embedded')
})

type Told = Observation extends infer Each
  ? Each extends Observation
    ? Omit<Each, 'execution'>
    : never
  : never

const started: Told = {
  kind: 'started',
  at: start,
  workflowName: 'order',
  workflowVersion: '1.0',
  correlationId: null,
  actor: null,
  inputDigest: null,
  isBackfilled: false,
}
const failed = (number: number, at: number, given: object = {}): Told => ({
  kind: 'attempt_failed',
  at: start + at,
  startedAt: start + at - 5,
  step: charge,
  workerUuid,
  error: { message: `no answer ${number}` },
  retryInMs: 10,
  counted: { number },
  ...given,
})
const succeeded = (number: number, at: number, message?: string): Told => ({
  kind: 'step_succeeded',
  at: start + at,
  startedAt: start + at - 5,
  step: charge,
  workerUuid,
  result: null,
  counted: { number, failedBefore: message === undefined ? undefined : { message } },
})

/** A source of its own, to be told of in parts. */
const source = () => {
  const execution = `order-${(made += 1)}`
  const engine: ObservedEngine = {
    name: 'other',
    sourceId: idOf('source', execution),
    capabilities: { perAttempt: true, actor: true, transactional: false, replaySafe: true, backfill: true },
  }
  const recorder = new ObservationRecorder(database, { engine, serviceName: 'adapter' })
  const placed = (place: number | null, told: Told, once?: string) => ({
    place,
    observation: { ...told, execution } as Observation,
    ...(once !== undefined && { once }),
  })
  const tell = (told: ObservedHistory['told'], through: number | null) =>
    recorder.recordHistory({ told, through })
  const executionId = observedExecutionId(engine, execution)
  const story = async () => {
    const events = await getExecutionEvents(database, executionId)
    const types = events.map(({ eventType, retryCount }) => `${eventType} ${retryCount ?? ''}`.trim())
    return { events, types, view: await getExecution(database, executionId) }
  }
  return { placed, tell, story }
}

describe('attempts that their engine counts', () => {
  it('are on record once, whoever tells of them, and those that nobody saw say so', async () => {
    const { placed, tell, story } = source()
    await tell([placed(1, started)], 1)
    for (let times = 0; times < 2; times += 1) await tell([placed(null, failed(2, 20))], null)
    await tell([placed(2, succeeded(4, 90, 'busy'))], 2)
    await tell([placed(null, failed(3, 40)), placed(null, failed(2, 20))], null)
    const { types, events, view } = await story()
    expect(types).toEqual([
      'ORCHESTRATION_STARTED',
      'STEP_STARTED',
      'STEP_FAILED 0',
      'STEP_RETRY_TRIGGERED 1',
      'STEP_FAILED 1',
      'STEP_RETRY_TRIGGERED 2',
      'STEP_FAILED 2',
      'STEP_RETRY_TRIGGERED 3',
      'STEP_SUCCESS 3',
    ])
    const failures = events.filter(({ eventType }) => eventType === 'STEP_FAILED')
    expect(failures.map(({ details }) => details?.['notObservable'])).toEqual([
      ['timestamp', 'durationMs', 'errorMessage'],
      undefined,
      ['timestamp', 'durationMs'],
    ])
    expect(failures[2]?.details?.['errorMessage']).toBe('busy')
    expect(view.steps).toMatchObject([{ attempt: 4, status: 'complete' }])
  })

  it('end the one under way as their engine says, or as nobody knows', async () => {
    const { placed, tell, story } = source()
    const began = (number: number, at: number): Told => ({
      kind: 'attempt_started',
      at: start + at,
      step: charge,
      workerUuid,
      counted: { number },
    })
    await tell([placed(1, started), placed(null, began(1, 10)), placed(null, began(2, 30))], 1)
    await tell([placed(2, succeeded(3, 90, 'busy'))], 2)
    const { events } = await story()
    const failures = events.filter(({ eventType }) => eventType === 'STEP_FAILED')
    expect(failures.map(({ details }) => [details?.['errorMessage'], details?.['outcomeUnknown']])).toEqual([
      ['A later attempt began', true],
      ['busy', undefined],
    ])
  })

  it('have failed for good where their engine makes no other, though one was expected', async () => {
    const { placed, tell, story } = source()
    await tell([placed(1, started), placed(null, failed(1, 10))], 1)
    const last = failed(1, 40, { retryInMs: null, error: { message: 'out of time' } })
    for (let times = 0; times < 2; times += 1) await tell([placed(null, last)], null)
    const { events, view } = await story()
    expect(view.steps).toMatchObject([{ status: 'error', attempt: 2 }])
    expect(events.at(-1)).toMatchObject({ reason: 'out of time', details: { gaveUpWaiting: true } })
  })
})

describe('a success that its engine counts', () => {
  it.each([
    ['waits for a retry', 10],
    ['has failed for good', null],
  ])('completes a step that %s', async (_, retryInMs) => {
    const { placed, tell, story } = source()
    await tell([placed(1, started), placed(null, failed(1, 10, { retryInMs }))], 1)
    for (let times = 0; times < 2; times += 1) await tell([placed(2 + times, succeeded(1, 40))], 2 + times)
    const { events, view } = await story()
    expect(view.steps).toMatchObject([{ status: 'complete', attempt: 2 }])
    expect(events.at(-1)).toMatchObject({
      eventType: 'STEP_SUCCESS',
      details: { notObservable: ['attempts'] },
    })
  })
})

describe('a history that is told in parts', () => {
  it('goes on after what was read last, and has what happens once as the first told it', async () => {
    const { placed, tell, story } = source()
    const asked = (id: string): Told => ({
      kind: 'signalled',
      at: start + 5,
      signal: 'cancel',
      name: 'cancel',
      actor: { type: 'user', id },
      reason: null,
    })
    await tell([placed(1, started)], 3)
    await tell([placed(null, asked('anna'), 'cancel')], null)
    expect(await tell([placed(1, started), placed(4, asked('a process'), 'cancel')], 5)).toBe(0)
    expect(await tell([placed(5, succeeded(1, 20)), placed(6, succeeded(1, 30))], 2)).toBe(1)
    const { types, events } = await story()
    expect(types.slice(0, 2)).toEqual(['ORCHESTRATION_STARTED', 'ORCHESTRATION_SIGNALLED'])
    expect(events[1]?.actorId).toBe('anna')
  })
})
