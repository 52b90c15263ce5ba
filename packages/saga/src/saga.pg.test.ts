import { getExecution } from '@steptrail/core'
import { describeOnBoth, openTestDatabase } from '@steptrail/testkit'
import { createWorker, defineWorkflow } from '@steptrail/workflow'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { eventsOf, provision, registered, report, scripted, single } from '../test/scripted-saga.ts'
import { createSaga } from './saga.ts'

describeOnBoth('the saga runtime', (open) => {
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
    expect(await report({ saga, worker }, claim)).toEqual([
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
    expect(await saga.dispatch.heartbeat(silent, [claim])).toEqual({ lost: [claim], held: [] })
    expect(await report({ saga, worker: silent }, claim)).toMatchObject([{ outcome: 'rejected' }])
    const { rows } = await database.query('select 1 from workflow_step_result_audit')
    expect(rows).toEqual([])
  })

  test('an attempt that takes longer than its timeout fails, whether or not its worker lives', async () => {
    const database = await open()
    const { clock, saga, worker } = await scripted(database)
    const { executionId } = await saga.start(single, {})
    const held = await saga.dispatch.claim(worker, 1)
    clock.advance(59_000)
    await saga.dispatch.heartbeat(worker, held)
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
    await saga.dispatch.release(worker, [{ ...claim, hasBegun: false }])
    expect((await perform(1)).attempt).toBe(1)
    expect((await getExecution(database, executionId)).retries).toBe(0)
  })

  test('what an attempt did that was given back while its handler ran is unknown until one succeeds', async () => {
    const database = await open()
    const { saga, worker, perform } = await scripted(database)
    const { executionId } = await saga.start(single, {})
    const [claim] = await saga.dispatch.claim(worker, 1)
    if (!claim) throw new Error('nothing to claim')
    await saga.dispatch.release(worker, [{ ...claim, hasBegun: true }])
    const isUnknown = async () => (await getExecution(database, executionId)).steps[0]?.outcomeUnknown
    expect(await isUnknown()).toBe(true)
    const { rows } = await database.query(
      `select metadata from workflow_step_transitions where from_state = 'in_progress'`,
    )
    expect(rows).toMatchObject([{ metadata: { reason: 'released', outcome_unknown: true } }])
    await perform(1)
    expect(await isUnknown()).toBe(false)
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

  test('an input is checked by schemas that take their time', async () => {
    const database = await open()
    const { saga } = await scripted(database)
    const input = z.object({
      tenant: z.string().refine((tenant) => Promise.resolve(tenant === 'acme'), 'is unknown'),
    })
    const workflow = { ...provision, input }
    await expect(saga.start(workflow, { tenant: 'other' })).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('input.tenant: is unknown'),
    })
    expect(await saga.start(workflow, { tenant: 'acme' })).toMatchObject({ created: true })
  })

  test('an execution is waited for by its id in either case', async () => {
    const database = await open()
    const { saga, perform } = await scripted(database)
    const { executionId } = await saga.start(single, {})
    await perform(1)
    expect((await saga.waitForEnd(executionId.toUpperCase())).status).toBe('completed')
  })

  test('a start with an option that cannot go on record starts nothing', async () => {
    const database = await open()
    const { saga } = await scripted(database)
    for (const [name, options] of [
      ['idempotencyKey', { idempotencyKey: '' }],
      ['idempotencyKey', { idempotencyKey: 'a\u0000b' }],
      ['idempotencyKey', { idempotencyKey: 'x'.repeat(256) }],
      ['correlationId', { correlationId: '' }],
      ['correlationId', { correlationId: '\ud800' }],
      ['correlationId', { correlationId: 'x'.repeat(256) }],
      ['tenant', { tenant: '' }],
      ['actor.type', { actor: { type: 'dog', id: 'rex' } }],
      ['actor.id', { actor: { type: 'user' } }],
      ['actor.id', { actor: { type: 'user', id: 'x'.repeat(256) } }],
      ['idempotencykey', { idempotencykey: 'a misspelt name would start it twice' }],
    ] as const)
      await expect(saga.start(single, {}, options as object)).rejects.toMatchObject({
        code: 'invalid_input',
        message: expect.stringContaining(name),
      })
    const { rows } = await database.query('select from workflow_executions union all select from audit_event')
    expect(rows).toEqual([])
  })

  test('an empty service name, under which nothing can be recorded, is refused at once', async () => {
    await expect(createSaga(await open(), { serviceName: '' })).rejects.toMatchObject({
      code: 'invalid_configuration',
      message: expect.stringContaining('serviceName is "": it is empty'),
    })
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

  test('the worker of one tenant attends no step of another', async () => {
    const database = await open()
    const saga = await createSaga(database, { holdsClock: false })
    onTestFinished(() => saga.close())
    const { executionId } = await saga.start(single, {}, { tenant: 'acme' })
    const unattended = async () => (await getExecution(database, executionId)).unattended
    await registered(saga)
    await database.query(`update workflow_workers set tenant = 'globex'`)
    expect(await unattended()).toHaveLength(1)
    await database.query(`update workflow_workers set tenant = 'acme'`)
    expect(await unattended()).toEqual([])
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

test('a clock whose database is closed under it says so once, and stops', async () => {
  const database = await openTestDatabase('postgres')
  const told: string[] = []
  const saga = await createSaga(database, {
    onTrouble: (message, cause) => void told.push(`${message}: ${String(cause)}`),
  })
  const closed = database.close()
  await expect.poll(() => told).toEqual([expect.stringMatching(/^the clock stops: .*closed by this program/)])
  await saga.close()
  await closed
  expect(told).toHaveLength(1)
})
