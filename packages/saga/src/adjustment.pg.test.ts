import { setTimeout } from 'node:timers/promises'
import { getExecution } from '@steptrail/core'
import { describeOnBoth } from '@steptrail/testkit'
import { createWorker, defineWorkflow } from '@steptrail/workflow'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { eventsOf, provision, scripted, single } from '../test/scripted-saga.ts'
import { createSaga } from './saga.ts'

describeOnBoth('an adaptive adjustment', (open) => {
  test('by a handler lengthens its own timeout, for the clock and for its signal', async () => {
    const database = await open()
    const saga = await createSaga(database)
    onTestFinished(() => saga.close())
    const flow = defineWorkflow({
      name: 'slow',
      version: '1',
      input: z.object({}),
      retry: { maxRetries: 0 },
      steps: {
        drain: { service: 'node-service', output: z.object({}), after: [], timeoutMs: 20_000, undo: 'none' },
      },
    })
    const finished = Promise.withResolvers<void>()
    const worker = createWorker(saga.dispatch, { service: 'node-service' }).implement(flow, {
      drain: {
        do: async ({ adjust, signal }) => {
          await adjust({ type: 'timeout', timeoutMs: 60_000, reason: 'large node' })
          await finished.promise
          return signal.aborted ? Promise.reject(new Error('aborted')) : {}
        },
      },
    })
    await worker.start()
    onTestFinished(async () => void (await worker.close()))
    const { executionId } = await saga.start(flow, {})
    const timeoutOf = async (): Promise<number | undefined> =>
      (await getExecution(database, executionId)).steps[0]?.timeoutMs
    await expect.poll(timeoutOf).toBe(60_000)
    const { rows } = await database.query<{ allowed: number }>(
      `select (extract(epoch from timeout_at - attempt_started_at) * 1000)::bigint as allowed from workflow_steps`,
    )
    expect(rows[0]?.allowed).toBe(60_000)
    finished.resolve()
    expect((await saga.waitForEnd(executionId)).status).toBe('completed')
    expect((await eventsOf(database, executionId))[2]).toMatchObject({
      event_type: 'ADAPTIVE_ADJUSTMENT',
      actor_type: 'worker',
      actor_id: worker.workerUuid,
      reason: 'large node',
      details: { adjustmentType: 'timeout', stepNumber: 1, from: 20_000, to: 60_000 },
    })
  })

  test("by the workflow's policy is made before the attempt, and recorded", async () => {
    const database = await open()
    const saga = await createSaga(database)
    onTestFinished(() => saga.close())
    const flow = defineWorkflow({
      name: 'patient',
      version: '1',
      input: z.object({ nodes: z.number() }),
      retry: { maxRetries: 1, backoff: { type: 'fixed', delayMs: 1 } },
      adjust: ({ input, attempt, stepName, lastError }) =>
        attempt === 2 && stepName === 'drain'
          ? [{ type: 'retry', maxRetries: 1 + input.nodes, reason: `after: ${lastError ?? ''}` }]
          : [],
      steps: { drain: { service: 'node-service', output: z.object({}), after: [], undo: 'none' } },
    })
    let attempts = 0
    const worker = createWorker(saga.dispatch, { service: 'node-service' }).implement(flow, {
      drain: {
        do: () => {
          attempts += 1
          if (attempts < 4) throw new Error(`busy ${attempts}`)
          return {}
        },
      },
    })
    await worker.start()
    onTestFinished(async () => void (await worker.close()))
    const { executionId } = await saga.start(flow, { nodes: 2 })
    expect(await saga.waitForEnd(executionId)).toMatchObject({ status: 'completed', retries: 3 })
    const adjusted = (await eventsOf(database, executionId)).filter(
      (event) => event.event_type === 'ADAPTIVE_ADJUSTMENT',
    )
    expect(adjusted).toMatchObject([
      { reason: 'after: busy 1', details: { adjustmentType: 'retry', from: 1, to: 3 } },
    ])
  })

  test('by an operator holds for the signal of the attempt under way', async () => {
    const database = await open()
    const saga = await createSaga(database)
    onTestFinished(() => saga.close())
    const flow = defineWorkflow({
      name: 'long',
      version: '1',
      input: z.object({}),
      retry: { maxRetries: 0 },
      steps: {
        drain: { service: 'node-service', output: z.object({}), after: [], timeoutMs: 2_000, undo: 'none' },
      },
    })
    const begun = Promise.withResolvers<void>()
    const worker = createWorker(saga.dispatch, { service: 'node-service', leaseMs: 1_500 }).implement(flow, {
      drain: {
        do: async ({ signal }) => {
          begun.resolve()
          await setTimeout(3_000, undefined, { signal })
          return {}
        },
      },
    })
    await worker.start()
    onTestFinished(async () => void (await worker.close()))
    const { executionId } = await saga.start(flow, {})
    await begun.promise
    const by = { actor: { type: 'user', id: 'alice' }, reason: 'a large node' } as const
    await saga.act(executionId, { action: 'adjust', step: 'drain', timeoutMs: 60_000 }, by)
    expect((await saga.waitForEnd(executionId)).status).toBe('completed')
  })

  test('by an operator reaches the UNDO of a step that has one, unless DO is named', async () => {
    const database = await open()
    const { saga, worker, perform } = await scripted(database)
    const { executionId } = await saga.start(provision, { tenant: 'acme' })
    await perform(1)
    await perform(1, { message: 'no', fatal: true })
    const [undo] = await saga.dispatch.claim(worker, 1)
    expect(undo).toMatchObject({ operationType: 'UNDO', stepName: 'createRealm' })
    const by = { actor: { type: 'user', id: 'alice' }, reason: 'a large realm' } as const
    const order = { action: 'adjust', step: 'createRealm', timeoutMs: 120_000 } as const
    const { steps } = await saga.act(executionId, order, by)
    expect(steps.filter(({ timeoutMs }) => timeoutMs === 120_000)).toMatchObject([
      { name: 'createRealm', operationType: 'UNDO' },
    ])
    expect((await eventsOf(database, executionId)).at(-1)).toMatchObject({
      event_type: 'ADAPTIVE_ADJUSTMENT',
      operation_type: 'UNDO',
      actor_id: 'alice',
    })
    await expect(saga.act(executionId, { ...order, operation: 'DO' }, by)).rejects.toMatchObject({
      code: 'adjustment_refused',
      message: expect.stringContaining('step createRealm is complete') as string,
    })
  })

  test('by an operator gives a step more time and more retries, with the reason on record', async () => {
    const database = await open()
    const { clock, saga, worker } = await scripted(database)
    const { executionId } = await saga.start(single, {})
    const held = await saga.dispatch.claim(worker, 1)
    const by = { actor: { type: 'user', id: 'alice' }, reason: 'ticket 8' } as const
    await saga.act(executionId, { action: 'adjust', step: 'createClient', timeoutMs: 120_000 }, by)
    await saga.act(executionId, { action: 'adjust', step: 'createClient', maxRetries: 7 }, by)
    clock.advance(61_000)
    const answer = await saga.dispatch.heartbeat(worker, held)
    expect(answer).toMatchObject({ lost: [], held: [{ timeoutMs: 120_000 }] })
    expect(await saga.tick()).toBe(0)
    clock.advance(59_000)
    await saga.dispatch.heartbeat(worker, held)
    expect(await saga.tick()).toBe(1)
    const events = await eventsOf(database, executionId)
    expect(events.at(-1)).toMatchObject({ event_type: 'STEP_RETRY_TRIGGERED', details: { maxRetries: 7 } })
    expect(events.filter((event) => event.event_type === 'ADAPTIVE_ADJUSTMENT')).toMatchObject([
      { actor_id: 'alice', reason: 'ticket 8', details: { adjustmentType: 'timeout', from: 60_000 } },
      { actor_id: 'alice', reason: 'ticket 8', details: { adjustmentType: 'retry', from: 3, to: 7 } },
    ])
    await expect(
      saga.act(executionId, { action: 'adjust', step: 'createClient', maxRetries: -1 }, by),
    ).rejects.toMatchObject({ code: 'adjustment_refused' })
  })
})
