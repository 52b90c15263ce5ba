import { describeOnBoth } from '@steptrail/testkit'
import { statusOf } from '@steptrail/workflow/timeline'
import { expect, it } from 'vitest'
import type { Database } from '../database/database.ts'
import { getExecution } from '../execution/get-execution.ts'
import { getExecutionEvents } from '../trail/execution-events.ts'
import { reconstruct } from '../trail/reconstruct-execution.ts'
import type { Observation, ObservedEngine, ObservedStep } from './observation.ts'
import { idOf, observedExecutionId } from './observed-ids.ts'
import { ObservationRecorder } from './record-observations.ts'

const engine: ObservedEngine = {
  name: 'other',
  sourceId: '5a0c6d5e-9d0c-8f5e-8a1b-0c1d2e3f4a5b',
  capabilities: { perAttempt: true, actor: false, transactional: true, replaySafe: true, backfill: true },
}
const step = (name: string, given: Partial<ObservedStep> = {}): ObservedStep => ({
  key: name,
  name,
  service: 'shop',
  operation: 'DO',
  undoes: null,
  maxRetries: 2,
  attemptsSeen: true,
  ...given,
})
const start = Date.parse('2026-11-20T10:00:00.000Z')
const workerUuid = idOf('worker')
const execution = 'order-17'
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
  correlationId: execution,
  actor: { type: 'user', id: 'anna' },
  inputDigest: 'ab'.repeat(32),
  isBackfilled: false,
}

const succeeded = (name: string, at: number, given: Partial<ObservedStep> = {}): Told => ({
  kind: 'step_succeeded',
  at: start + at,
  startedAt: start + at - 5,
  step: step(name, given),
  workerUuid,
  result: { sha256: 'cd'.repeat(32) },
})

/** All that may hold a text of an observation. */
const everythingTold = `
select to_jsonb(execution) from workflow_executions as execution
union all select to_jsonb(step) from workflow_steps as step
union all select to_jsonb(transition) from workflow_step_transitions as transition
union all select to_jsonb(audit) from workflow_step_result_audit as audit
union all select to_jsonb(event) from audit_event as event`

describeOnBoth('what another engine did', (open) => {
  const told = async (database: Database, ...observations: readonly Told[]) => {
    const recorder = new ObservationRecorder(database, { engine, serviceName: 'adapter' })
    await recorder.record(
      observations.map((each, index) => ({
        id: `${index}`,
        observation: { ...each, execution } as Observation,
      })),
    )
    const executionId = observedExecutionId(engine, execution)
    const events = await getExecutionEvents(database, executionId)
    return { view: await getExecution(database, executionId), events, recorder, executionId }
  }
  const types = (events: readonly { readonly eventType: string; readonly retryCount: number | null }[]) =>
    events.map(({ eventType, retryCount }) =>
      retryCount === null ? eventType : `${eventType}(${retryCount})`,
    )

  it('has three attempts for a step that failed twice and then succeeded', async () => {
    const failure = (attempt: number): Told => ({
      kind: 'attempt_failed',
      at: start + 100 * attempt,
      startedAt: start + 100 * attempt - 10,
      step: step('charge'),
      workerUuid,
      error: { message: `no answer ${attempt}` },
      retryInMs: 90,
    })
    const { view, events } = await told(
      await open(),
      started,
      failure(1),
      failure(2),
      { kind: 'attempt_started', at: start + 290, step: step('charge'), workerUuid },
      { ...succeeded('charge', 300), startedAt: start + 85 } as Told,
      { kind: 'completed', at: start + 310, result: null },
    )
    expect(types(events)).toEqual([
      'ORCHESTRATION_STARTED',
      'STEP_STARTED',
      'STEP_FAILED(0)',
      'STEP_RETRY_TRIGGERED(1)',
      'STEP_FAILED(1)',
      'STEP_RETRY_TRIGGERED(2)',
      'STEP_SUCCESS(2)',
      'ORCHESTRATION_COMPLETED',
    ])
    expect(events.map(({ timestamp }) => Date.parse(timestamp) - start)).toEqual([
      0, 90, 100, 101, 200, 201, 300, 310,
    ])
    expect(view).toMatchObject({ engine: 'other', status: 'completed', retries: 2, durationMs: 310 })
    expect(view.steps).toMatchObject([
      {
        name: 'charge',
        attempt: 3,
        status: 'complete',
        lastError: 'no answer 2',
        output: { sha256: 'cd'.repeat(32) },
      },
    ])
  })

  it('has an attempt whose process was lost as one whose outcome nobody knows', async () => {
    const { events, view } = await told(
      await open(),
      started,
      { kind: 'attempt_started', at: start + 10, step: step('charge', { maxRetries: 0 }), workerUuid },
      { kind: 'interrupted', at: start + 50, reason: 'the process is gone' },
      { ...succeeded('charge', 100, { maxRetries: 0 }), startedAt: start + 60 } as Told,
    )
    expect(types(events).slice(2)).toEqual(['STEP_FAILED(0)', 'STEP_RETRY_TRIGGERED(1)', 'STEP_SUCCESS(1)'])
    expect(events[2]?.details).toMatchObject({ outcomeUnknown: true, errorCode: 'worker_lost' })
    expect(events[3]?.message).toBe('Retry attempt 1 of 1')
    expect(view.steps).toMatchObject([{ attempt: 2, outcomeUnknown: false }])
  })

  it('has one attempt where it is told of it only after the step was given up', async () => {
    const attempt = { step: step('charge', { maxRetries: 0 }), workerUuid, startedAt: start + 11 }
    const error = { message: 'took too long' }
    const given = [
      started,
      { ...attempt, kind: 'step_failed', at: start + 61, startedAt: start + 10, error },
      { ...attempt, kind: 'attempt_started', at: start + 11 },
      { ...attempt, kind: 'attempt_failed', at: start + 60, error, retryInMs: null },
    ] as const
    const { events, view } = await told(await open(), ...given)
    expect(types(events)).toEqual(['ORCHESTRATION_STARTED', 'STEP_STARTED', 'STEP_FAILED(0)'])
    expect(view.steps).toMatchObject([{ attempt: 1, status: 'error' }])
  })

  it('refuses a result that comes after its execution was cancelled, and has that on record', async () => {
    const { events, view } = await told(
      await open(),
      started,
      { kind: 'attempt_started', at: start + 10, step: step('charge'), workerUuid },
      { kind: 'cancelled', at: start + 20, actor: null, reason: null },
      { ...succeeded('charge', 30), startedAt: start + 10 } as Told,
    )
    expect(view).toMatchObject({ status: 'cancelled', steps: [{ status: 'cancelled' }] })
    expect(events.at(-1)).toMatchObject({
      eventType: 'STEP_RESULT_REJECTED',
      details: { reportedSuccess: true },
    })
    const cancel = events.find(({ eventType }) => eventType === 'ORCHESTRATION_CANCELLED')
    expect(cancel?.details?.['notObservable']).toEqual(['actor', 'reason'])
  })

  it('has failed and is rolled back where it was undone, whatever its engine calls it', async () => {
    const undo = { key: 'undo', operation: 'UNDO', undoes: 'reserve' } as const
    const { events, view } = await told(
      await open(),
      started,
      succeeded('reserve', 10),
      succeeded('release', 30, undo),
      { kind: 'completed', at: start + 40, result: null },
    )
    expect(view).toMatchObject({ status: 'failed', rolledBackSteps: 1 })
    expect(events.at(-1)).toMatchObject({
      eventType: 'ROLLBACK_COMPLETED',
      details: { rolledBackSteps: ['reserve'], engineOutcome: 'completed' },
    })
  })

  it('has given up a step that was to be tried again, and was not before the engine called it done', async () => {
    const { view } = await told(
      await open(),
      started,
      {
        kind: 'attempt_failed',
        at: start + 20,
        startedAt: start + 10,
        step: step('charge'),
        workerUuid,
        error: { message: 'no answer' },
        retryInMs: 90,
      },
      { kind: 'completed', at: start + 40, result: null },
    )
    expect(view).toMatchObject({ status: 'completed', steps: [{ name: 'charge', status: 'cancelled' }] })
  })

  it('is on record once when its last batch comes again, with more behind it or in parts', async () => {
    const database = await open()
    const { recorder, executionId } = await told(database, started, succeeded('reserve', 10))
    const again = [started, succeeded('reserve', 10), succeeded('charge', 30)].map((each, index) => ({
      id: `${index}`,
      observation: { ...each, execution } as Observation,
    }))
    expect(await recorder.record(again)).toBe(1)
    const late = { id: 'late', observation: { ...succeeded('mail', 40), execution } as Observation }
    expect(await recorder.record([late, ...again.slice(0, 1)])).toBe(1)
    expect(await recorder.record(again.slice(1))).toBe(0)
    const events = await getExecutionEvents(database, executionId)
    expect(events.map(({ executionSeq }) => executionSeq)).toEqual([1, 2, 3, 4, 5, 6, 7])
  })

  it('is not on record where somebody else may have put it there meanwhile', async () => {
    const database = await open()
    const { recorder, executionId } = await told(database, started)
    const lost = new Error('the lock is lost')
    const recording = recorder.record(
      [{ id: '9', observation: { ...succeeded('reserve', 10), execution } }],
      () => Promise.reject(lost),
    )
    await expect(recording).rejects.toBe(lost)
    expect(await getExecutionEvents(database, executionId)).toHaveLength(1)
  })

  it('has failed when it was cancelled, went on, and failed then', async () => {
    const { view, events } = await told(
      await open(),
      started,
      { kind: 'cancelled', at: start + 10, actor: null, reason: null },
      { kind: 'taken_up', at: start + 20, actor: null, reason: null },
      { kind: 'failed', at: start + 30, error: { message: 'out of stock' } },
    )
    expect(view.status).toBe('failed')
    expect(statusOf(events)).toBe('failed')
    expect(reconstruct(events)?.status).toBe('failed')
  })

  it('is cancelled again when it was cancelled, went on, failed, went on, and was cancelled', async () => {
    const { view, events } = await told(
      await open(),
      started,
      { kind: 'cancelled', at: start + 10, actor: null, reason: null },
      { kind: 'taken_up', at: start + 20, actor: null, reason: null },
      { kind: 'failed', at: start + 30, error: { message: 'out of stock' } },
      { kind: 'taken_up', at: start + 40, actor: null, reason: null },
      { kind: 'cancelling', at: start + 50, actor: null, reason: null },
      { kind: 'cancelled', at: start + 60, actor: null, reason: null },
    )
    expect(view.status).toBe('cancelled')
    expect(statusOf(events)).toBe('cancelled')
    expect(reconstruct(events)?.status).toBe('cancelled')
  })

  it('keeps the secrets in errors and reasons off the record', async () => {
    const secret = 'hunter2hunter2'
    const error = { message: `the server refused password=${secret}` }
    const failure = { step: step('charge'), workerUuid, startedAt: start + 10, error } as const
    const reason = `token=${secret} leaked`
    const database = await open()
    const given: readonly Told[] = [
      started,
      { ...failure, kind: 'attempt_failed', at: start + 20, retryInMs: 1, counted: { number: 1 } },
      {
        ...succeeded('charge', 90),
        counted: { number: 3, failedBefore: { ...error, outcomeUnknown: true } },
      } as Told,
      { kind: 'signalled', at: start + 95, signal: 'cancel', name: 'cancel', actor: null, reason },
      { kind: 'attempt_started', at: start + 96, step: step('ship'), workerUuid },
      { kind: 'interrupted', at: start + 97, reason },
      { kind: 'cancelling', at: start + 98, actor: null, reason },
      { kind: 'cancelled', at: start + 99, actor: null, reason },
      { kind: 'taken_up', at: start + 100, actor: null, reason },
      { kind: 'failed', at: start + 101, error },
    ]
    await told(database, ...given)
    const rows = await database.query(everythingTold)
    expect(JSON.stringify(rows.rows)).toContain('[redacted]')
    expect(JSON.stringify(rows.rows)).not.toContain(secret)
  })

  it('has texts cut and cleaned that are longer or odder than can be stored', async () => {
    const odd = '\u0000\ud800'.repeat(20_000)
    const given: readonly Told[] = [
      { ...started, workflowName: odd, workflowVersion: odd, actor: { type: 'user', id: odd } },
      {
        kind: 'attempt_failed',
        at: start + 20,
        startedAt: start + 10,
        step: step(odd, { service: odd }),
        workerUuid,
        error: { message: odd, code: odd },
        retryInMs: null,
      },
      { kind: 'signalled', at: start + 25, signal: 'signal', name: odd, actor: null, reason: odd },
      { kind: 'cancelled', at: start + 30, actor: null, reason: odd },
    ]
    const { view, events } = await told(await open(), ...given)
    expect(view.steps[0]?.lastError).toHaveLength(2_000)
    expect(events.at(-1)?.reason).toHaveLength(10_000)
    expect(events.at(-1)?.reason).toMatch(/^\u{FFFD}+…$/u)
  })

  it('is refused when it happened at a time that is none', async () => {
    const odd = told(await open(), started, { ...succeeded('reserve', 10), at: Number.NaN })
    await expect(odd).rejects.toMatchObject({ code: 'invalid_event' })
  })

  it('is refused whole when something of it is told of an execution that never began', async () => {
    const database = await open()
    const stray = told(database, { kind: 'completed', at: start, result: null })
    await expect(stray).rejects.toMatchObject({ code: 'execution_not_found' })
    expect((await database.query('select from workflow_executions')).rows).toEqual([])
  })

  it('has its ids again when it is put on record again elsewhere', async () => {
    const idsIn = async (database: Database) =>
      (await told(database, started, succeeded('reserve', 10))).events.map(({ id }) => id)
    expect(await idsIn(await open())).toEqual(await idsIn(await open()))
  })
})
