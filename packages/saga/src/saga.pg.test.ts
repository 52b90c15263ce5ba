import { randomUUID } from 'node:crypto'
import { type Database, getExecution } from '@steptrail/core'
import { describeOnBoth, fakeClock } from '@steptrail/testkit'
import { type Claim, createWorker, defineWorkflow, type ReportedError } from '@steptrail/workflow'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { createSaga, type Saga } from './saga.ts'

const retry = { maxRetries: 3, backoff: { type: 'fixed', delayMs: 5_000 } } as const

const provision = defineWorkflow({
  name: 'provision',
  version: '1',
  input: z.object({ tenant: z.string().min(1) }),
  retry,
  steps: {
    createRealm: { service: 'realm-service', output: z.object({ realmId: z.string() }), after: [] },
    createClient: { service: 'realm-service', output: z.object({}), after: ['createRealm'] },
    createUser: { service: 'realm-service', output: z.object({}), after: ['createClient'] },
  },
})

const single = defineWorkflow({
  name: 'single',
  version: '1',
  input: z.object({}),
  retry,
  steps: { createClient: { service: 'realm-service', output: z.object({}), after: [] } },
})

/** The runtime on a clock that stands still, and a worker whose every move the test makes itself. */
async function scripted(database: Database) {
  const clock = fakeClock(new Date().toISOString())
  const saga = await createSaga(database, { clock, holdsClock: false })
  onTestFinished(() => saga.close())
  const worker = await registered(saga)
  const perform = async (tookMs: number, error?: ReportedError): Promise<Claim> => {
    const [claim] = await saga.dispatch.claim(worker, 1)
    if (!claim) throw new Error('there is nothing to claim')
    clock.advance(tookMs)
    await saga.dispatch.heartbeat(worker, [])
    await report(saga, worker, claim, error)
    return claim
  }
  return { clock, saga, worker, perform }
}

async function registered(saga: Saga, leaseMs = 60_000): Promise<string> {
  const workerUuid = randomUUID()
  const definitions = [provision.definition, single.definition]
  await saga.dispatch.register({
    workerUuid,
    service: 'realm-service',
    leaseMs,
    host: 'host',
    pid: 1,
    version: null,
    definitions,
    implements: definitions.flatMap(({ name, version, steps }) =>
      steps.map((step) => ({ workflowName: name, workflowVersion: version, stepName: step.name })),
    ),
  })
  return workerUuid
}

async function report(saga: Saga, workerUuid: string, claim: Claim, error?: ReportedError) {
  const { stepId, executionId, attempt, attemptToken } = claim
  const head = { stepId, executionId, attempt, attemptToken, workerUuid, executionTimeMs: 42 }
  const output = claim.stepName === 'createRealm' ? { realmId: 'r-1' } : {}
  return await saga.dispatch.report([
    error ? { ...head, success: false, error } : { ...head, success: true, output },
  ])
}

interface EventRow {
  readonly id: string
  readonly event_type: string
  readonly execution_seq: number
  readonly timestamp: string
  readonly step_name: string | null
  readonly operation_type: string | null
  readonly retry_count: number | null
  readonly duration_ms: number | null
  readonly reason: string | null
  readonly parent_event_id: string | null
  readonly details: Readonly<Record<string, unknown>>
}

async function eventsOf(database: Database, executionId: string, by = 'execution_seq') {
  const { rows } = await database.query<EventRow>(
    `select * from audit_event where execution_id = $1 order by ${by}`,
    [executionId],
  )
  return rows
}

const storyOf = (events: readonly EventRow[]): readonly string[] =>
  events.map((event) =>
    [event.event_type, event.step_name, event.operation_type, event.retry_count]
      .filter((part) => part !== null)
      .join(' '),
  )

describeOnBoth('the saga runtime', (open) => {
  describe('the exact sequences, by execution_seq and by timestamp', () => {
    const steps = (story: readonly string[]): readonly string[] => story.slice(1, -1)

    test('1: the first attempt succeeds', async () => {
      const database = await open()
      const { saga, perform } = await scripted(database)
      const { executionId } = await saga.start(single, {})
      await perform(5_234)
      const events = await eventsOf(database, executionId)
      expect(steps(storyOf(events))).toEqual([
        'STEP_STARTED createClient DO',
        'STEP_SUCCESS createClient DO 0',
      ])
      expect(events[2]?.duration_ms).toBe(5_234)
      expect(await eventsOf(database, executionId, 'timestamp')).toEqual(events)
    })

    test('2: succeeds on the second retry, after exactly the recorded delays', async () => {
      const database = await open()
      const { clock, saga, perform } = await scripted(database)
      const { executionId } = await saga.start(single, {})
      for (const wanted of [1, 2]) {
        await perform(100, { message: 'Connection timeout' })
        const retried = (await eventsOf(database, executionId)).at(-1)
        expect(retried).toMatchObject({ retry_count: wanted, details: { backoffMs: 5_000 } })
        const dueAt = Date.parse(retried?.timestamp ?? '') + 5_000
        expect(retried?.details['nextAttemptAt']).toBe(new Date(dueAt).toISOString())
        clock.advance(dueAt - 1 - clock.now())
        expect(await saga.tick()).toBe(0)
        clock.advance(1)
        expect(await saga.tick()).toBe(1)
      }
      await perform(3_456)
      const events = await eventsOf(database, executionId)
      expect(steps(storyOf(events))).toEqual([
        'STEP_STARTED createClient DO',
        'STEP_FAILED createClient DO 0',
        'STEP_RETRY_TRIGGERED createClient DO 1',
        'STEP_FAILED createClient DO 1',
        'STEP_RETRY_TRIGGERED createClient DO 2',
        'STEP_SUCCESS createClient DO 2',
      ])
      expect(await eventsOf(database, executionId, 'timestamp')).toEqual(events)
    })

    test('3: retries exhausted, rolled back in reverse order of completion', async () => {
      const database = await open()
      const { clock, saga, perform } = await scripted(database)
      const { executionId } = await saga.start(provision, { tenant: 'acme' })
      await perform(10)
      await perform(10)
      for (let attempt = 1; attempt <= 4; attempt += 1) {
        await perform(10, { message: 'name is taken', code: '23505' })
        clock.advance(5_010)
        await saga.tick()
      }
      await perform(10)
      await perform(10)
      const events = await eventsOf(database, executionId)
      expect(storyOf(events)).toEqual([
        'ORCHESTRATION_STARTED',
        'STEP_STARTED createRealm DO',
        'STEP_SUCCESS createRealm DO 0',
        'STEP_STARTED createClient DO',
        'STEP_SUCCESS createClient DO 0',
        'STEP_STARTED createUser DO',
        'STEP_FAILED createUser DO 0',
        'STEP_RETRY_TRIGGERED createUser DO 1',
        'STEP_FAILED createUser DO 1',
        'STEP_RETRY_TRIGGERED createUser DO 2',
        'STEP_FAILED createUser DO 2',
        'STEP_RETRY_TRIGGERED createUser DO 3',
        'STEP_FAILED createUser DO 3',
        'ORCHESTRATION_FAILED',
        'ROLLBACK_TRIGGERED',
        'ROLLBACK_STARTED',
        'STEP_STARTED createClient UNDO',
        'STEP_SUCCESS createClient UNDO 0',
        'STEP_STARTED createRealm UNDO',
        'STEP_SUCCESS createRealm UNDO 0',
        'ROLLBACK_COMPLETED',
      ])
      expect(await eventsOf(database, executionId, 'timestamp')).toEqual(events)
      expect(events[12]).toMatchObject({
        reason: 'Retry exhausted after 3 attempts',
        details: { errorMessage: 'name is taken', errorCode: '23505' },
      })
      expect(events.map((event) => event.execution_seq)).toEqual(events.map((_, index) => index + 1))
      expect((await getExecution(database, executionId)).status).toBe('failed')
    })
  })

  test('each event names the event that caused it', async () => {
    const database = await open()
    const { clock, saga, perform } = await scripted(database)
    const { executionId } = await saga.start(single, {})
    await perform(1, { message: 'no' })
    clock.advance(6_000)
    await saga.tick()
    await perform(1)
    const events = await eventsOf(database, executionId)
    const typeOf = new Map(events.map((event) => [event.id, event.event_type]))
    expect(events.map((event) => typeOf.get(event.parent_event_id ?? '') ?? null)).toEqual([
      null,
      'ORCHESTRATION_STARTED',
      'STEP_STARTED',
      'STEP_FAILED',
      'STEP_RETRY_TRIGGERED',
      'STEP_SUCCESS',
    ])
  })

  test('transitions are dense per step and the result audit has a row for each report', async () => {
    const database = await open()
    const { clock, saga, worker, perform } = await scripted(database)
    const { executionId } = await saga.start(single, {}, { correlationId: 'rr-2026-1' })
    await perform(1, { message: 'no' })
    clock.advance(6_000)
    await saga.tick()
    await perform(1)
    const { rows } = await database.query(
      `select sort_key, from_state, to_state, metadata->>'worker_uuid' as worker from workflow_step_transitions
       where execution_id = $1 order by sort_key`,
      [executionId],
    )
    expect(rows).toEqual([
      { sort_key: 1, from_state: null, to_state: 'pending', worker: null },
      { sort_key: 2, from_state: 'pending', to_state: 'enqueued', worker: null },
      { sort_key: 3, from_state: 'enqueued', to_state: 'in_progress', worker },
      { sort_key: 4, from_state: 'in_progress', to_state: 'enqueued_as_error_for_orchestration', worker },
      {
        sort_key: 5,
        from_state: 'enqueued_as_error_for_orchestration',
        to_state: 'waiting_for_retry',
        worker: null,
      },
      { sort_key: 6, from_state: 'waiting_for_retry', to_state: 'enqueued', worker: null },
      { sort_key: 7, from_state: 'enqueued', to_state: 'in_progress', worker },
      { sort_key: 8, from_state: 'in_progress', to_state: 'enqueued_for_orchestration', worker },
      { sort_key: 9, from_state: 'enqueued_for_orchestration', to_state: 'complete', worker: null },
    ])
    const audit = await database.query(
      `select success, execution_time_ms, worker_uuid, correlation_id, task_uuid
       from workflow_step_result_audit order by recorded_at, success`,
    )
    const common = {
      execution_time_ms: 42,
      worker_uuid: worker,
      correlation_id: 'rr-2026-1',
      task_uuid: executionId,
    }
    expect(audit.rows).toEqual([
      { success: false, ...common },
      { success: true, ...common },
    ])
  })

  test('a result reported twice is accepted once, and the second is on record', async () => {
    const database = await open()
    const { saga, worker, perform } = await scripted(database)
    const { executionId } = await saga.start(single, {})
    const claim = await perform(1)
    expect(await report(saga, worker, claim)).toEqual([
      { stepId: claim.stepId, attemptToken: claim.attemptToken, outcome: 'rejected' },
    ])
    const events = await eventsOf(database, executionId)
    expect(events.at(-1)).toMatchObject({
      event_type: 'STEP_RESULT_REJECTED',
      execution_seq: 5,
      details: { attempt: 1, workerUuid: worker, stepStatus: 'complete' },
    })
    expect((await getExecution(database, executionId)).status).toBe('completed')
  })

  test('a worker that falls silent is on record, its step goes to another, its late result is refused', async () => {
    const database = await open()
    const { clock, saga } = await scripted(database)
    const silent = await registered(saga, 3_000)
    const { executionId } = await saga.start(single, {})
    const [claim] = await saga.dispatch.claim(silent, 1)
    if (!claim) throw new Error('nothing to claim')
    clock.advance(2_999)
    expect(await saga.tick()).toBe(0)
    clock.advance(1)
    expect(await saga.tick()).toBe(1)
    expect((await eventsOf(database, executionId)).at(-2)).toMatchObject({
      event_type: 'STEP_FAILED',
      reason: 'worker lost',
      details: { outcomeUnknown: true, errorCode: 'worker_lost', workerUuid: silent, attempt: 1 },
    })
    expect(await saga.dispatch.heartbeat(silent, [claim])).toEqual([claim])
    expect(await report(saga, silent, claim)).toMatchObject([{ outcome: 'rejected' }])
    const { rows } = await database.query('select 1 from workflow_step_result_audit')
    expect(rows).toEqual([])
  })

  test('an attempt that takes longer than its timeout fails, whether or not its worker lives', async () => {
    const database = await open()
    const { clock, saga, worker } = await scripted(database)
    const { executionId } = await saga.start(single, {})
    await saga.dispatch.claim(worker, 1)
    clock.advance(59_000)
    await saga.dispatch.heartbeat(worker, [])
    expect(await saga.tick()).toBe(0)
    clock.advance(1_000)
    expect(await saga.tick()).toBe(1)
    expect((await eventsOf(database, executionId)).at(-2)).toMatchObject({
      event_type: 'STEP_FAILED',
      reason: 'timeout',
      duration_ms: 60_000,
      details: { outcomeUnknown: true, errorMessage: 'The attempt took longer than 60000 ms' },
    })
  })

  test('an attempt that is given back is not counted, and may be claimed at once', async () => {
    const database = await open()
    const { saga, worker, perform } = await scripted(database)
    const { executionId } = await saga.start(single, {})
    const [claim] = await saga.dispatch.claim(worker, 1)
    if (!claim) throw new Error('nothing to claim')
    await saga.dispatch.release(worker, [claim])
    expect((await perform(1)).attempt).toBe(1)
    expect((await getExecution(database, executionId)).retries).toBe(0)
  })

  test('a second start with the same idempotency key returns the first execution', async () => {
    const database = await open()
    const { saga } = await scripted(database)
    const first = await saga.start(provision, { tenant: 'acme' }, { idempotencyKey: 'order-1' })
    const second = await saga.start(provision, { tenant: 'other' }, { idempotencyKey: 'order-1' })
    expect(first.created).toBe(true)
    expect(second).toEqual({ executionId: first.executionId, created: false })
    const elsewhere = await saga.start(provision, { tenant: 'x' }, { idempotencyKey: 'order-1', tenant: 'b' })
    expect(elsewhere.created).toBe(true)
    const { rows } = await database.query<{ count: number }>(
      `select count(*) from audit_event where event_type = 'ORCHESTRATION_STARTED'`,
    )
    expect(rows[0]?.count).toBe(2)
  })

  test('an input that the schema refuses starts nothing and says what is wrong', async () => {
    const database = await open()
    const { saga } = await scripted(database)
    await expect(saga.start(provision, { tenant: '' })).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('input.tenant'),
    })
    await expect(saga.start(provision, { tenant: 'a\u0000b' })).rejects.toMatchObject({
      code: 'invalid_input',
    })
    await expect(saga.startDefinition(provision.definition, { tenant: 7 })).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('input.tenant'),
    })
    const { rows } = await database.query(
      'select 1 from workflow_executions union all select 1 from audit_event',
    )
    expect(rows).toEqual([])
  })

  test('an execution for which no live worker implements a due step says so', async () => {
    const database = await open()
    const saga = await createSaga(database, { holdsClock: false })
    onTestFinished(() => saga.close())
    const { executionId } = await saga.start(single, {})
    expect((await getExecution(database, executionId)).unattended).toEqual([
      { stepName: 'createClient', service: 'realm-service', operationType: 'DO' },
    ])
    await registered(saga)
    expect((await getExecution(database, executionId)).unattended).toEqual([])
  })

  test('a definition that changes under its version is refused', async () => {
    const database = await open()
    const { saga } = await scripted(database)
    await saga.start(single, {})
    const changed = defineWorkflow({
      name: 'single',
      version: '1',
      input: z.object({}),
      steps: { createClient: { service: 'another-service', output: z.object({}), after: [] } },
    })
    await expect(saga.start(changed, {})).rejects.toMatchObject({ code: 'definition_conflict' })
  })

  test('with real workers and the real clock: outputs reach later steps and UNDO, and the end is awaited', async () => {
    const database = await open()
    const saga = await createSaga(database)
    onTestFinished(() => saga.close())
    const undone: unknown[] = []
    const flow = defineWorkflow({
      name: 'real',
      version: '1',
      input: z.object({ tenant: z.string() }),
      retry: { maxRetries: 1, backoff: { type: 'fixed', delayMs: 20 } },
      steps: {
        createRealm: { service: 'real-service', output: z.object({ realmId: z.string() }), after: [] },
        createUser: { service: 'real-service', output: z.object({}), after: ['createRealm'] },
      },
    })
    const worker = createWorker(saga.dispatch, { service: 'real-service' }).implement(flow, {
      createRealm: {
        do: ({ input }) => ({ realmId: `realm of ${input.tenant}` }),
        undo: (context) => {
          undone.push(context.outcome === 'completed' ? context.output : context.outcome)
        },
      },
      createUser: {
        do: ({ outputs }) => {
          throw new Error(`no room in ${outputs.createRealm.realmId}`)
        },
        undo: () => {},
      },
    })
    await worker.start()
    onTestFinished(async () => void (await worker.close()))
    const { executionId } = await saga.start(
      flow,
      { tenant: 'acme' },
      { actor: { type: 'user', id: 'alice' } },
    )
    const ended = await saga.waitForEnd(executionId)
    expect(ended).toMatchObject({ status: 'failed', rolledBackSteps: 1, retries: 1 })
    expect(undone).toEqual([{ realmId: 'realm of acme' }])
    const failure = (await eventsOf(database, executionId)).find(
      (event) => event.event_type === 'ORCHESTRATION_FAILED',
    )
    expect(failure?.reason).toBe('no room in realm of acme')
  })
})
