import { type Database, getExecution } from '@steptrail/core'
import { describeOnBoth, fakeClock } from '@steptrail/testkit'
import { createWorker, defineWorkflow, FatalError } from '@steptrail/workflow'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { eventsOf, provision, registered, report, scripted, single, storyOf } from '../test/scripted-saga.ts'
import type { OperatorOrder } from './operator-order.ts'
import type { OrderedBy } from './ordered-by.ts'
import { createSaga } from './saga.ts'

const alice = { type: 'user', id: 'alice' } as const
const bob = { type: 'user', id: 'bob' } as const
const by = { actor: alice, reason: 'ticket 7' }

const shop = defineWorkflow({
  name: 'shop',
  version: '1',
  input: z.object({}),
  retry: { maxRetries: 0 },
  steps: {
    charge: {
      service: 'shop-service',
      output: z.object({ receipt: z.string() }),
      after: [],
      onFailure: 'block',
    },
    ship: { service: 'shop-service', output: z.object({}), after: ['charge'] },
  },
})

/** A shop whose card is always refused, and which ships whatever was paid. */
async function blockedShop(database: Database) {
  const saga = await createSaga(database)
  onTestFinished(() => saga.close())
  const shipped: unknown[] = []
  const worker = createWorker(saga.dispatch, { service: 'shop-service' }).implement(shop, {
    charge: {
      do: () => {
        throw new FatalError('card was refused')
      },
      undo: () => {},
    },
    ship: {
      do: ({ outputs }) => {
        shipped.push(outputs.charge)
        return {}
      },
      undo: () => {},
    },
  })
  await worker.start()
  onTestFinished(async () => void (await worker.close()))
  const { executionId } = await saga.start(shop, {})
  await expect.poll(async () => (await getExecution(database, executionId)).status).toBe('blocked')
  return { saga, executionId, shipped }
}

describeOnBoth("an operator's order", (open) => {
  test('resolves a blocked step by hand, and the steps after it get what was given', async () => {
    const database = await open()
    const { saga, executionId, shipped } = await blockedShop(database)
    await saga.act(executionId, { action: 'resolve', step: 'charge', output: { receipt: 'cash' } }, by)
    expect((await saga.waitForEnd(executionId)).status).toBe('completed')
    expect(shipped).toEqual([{ receipt: 'cash' }])
    const resolved = (await eventsOf(database, executionId)).find(
      (event) => event.event_type === 'STEP_RESOLVED',
    )
    expect(resolved).toMatchObject({
      actor_type: 'user',
      actor_id: 'alice',
      reason: 'ticket 7',
      details: {
        action: 'resolve',
        before: { status: 'error', attempt: 1 },
        after: { status: 'resolved_manually' },
      },
    })
    const { rows } = await database.query(
      `select metadata from workflow_step_transitions where to_state = 'resolved_manually'`,
    )
    expect(rows).toMatchObject([
      {
        metadata: {
          actor: { type: 'user', id: 'alice' },
          reason: 'ticket 7',
          order: 'resolve',
          result: { receipt: 'cash' },
        },
      },
    ])
  })

  test('to go on after a pause wakes the workers of what was due before it', async () => {
    const database = await open()
    const { saga, worker } = await scripted(database)
    const { executionId } = await saga.start(single, {})
    await saga.act(executionId, { action: 'pause' }, by)
    const never = new AbortController().signal
    // What the start has left to wake is taken.
    await saga.dispatch.waitForWork('realm-service', 1, never)
    const woken = saga.dispatch.waitForWork('realm-service', 3_600_000, never)
    await saga.act(executionId, { action: 'resume' }, by)
    await woken
    expect(await saga.dispatch.claim(worker, 1)).toHaveLength(1)
  })

  test('with an output that the step could not have given is refused whole', async () => {
    const database = await open()
    const { saga, executionId } = await blockedShop(database)
    const before = await eventsOf(database, executionId)
    const order = { action: 'resolve', step: 'charge', output: { receipt: 7 } } as const
    await expect(saga.act(executionId, order, by)).rejects.toMatchObject({ code: 'invalid_output' })
    expect(await eventsOf(database, executionId)).toEqual(before)
  })

  test('without an actor, a reason, or the second person that policy demands is refused', async () => {
    const database = await open()
    const saga = await createSaga(database, { holdsClock: false, secondPersonFor: ['cancel'] })
    onTestFinished(() => saga.close())
    const { executionId } = await saga.start(single, {})
    const cancel = { action: 'cancel' } as const
    const refused: readonly unknown[] = [
      null,
      { actor: alice },
      { actor: alice, reason: '  ' },
      { actor: alice, reason: 'a\u0000' },
      { actor: alice, reason: 'x'.repeat(10_001) },
      { reason: 'x' },
      { actor: { ...alice, id: '' }, reason: 'x' },
      { actor: { type: 'robot', id: 'r2' }, reason: 'x' },
      { actor: alice, reason: 'x' },
      { actor: alice, reason: 'x', approvedBy: alice },
      { actor: alice, reason: 'x', approvedBy: { type: 'service', id: ' alice ' } },
      { actor: alice, reason: 'x', approvedBy: { type: 'user', id: ' ' } },
    ]
    const before = await eventsOf(database, executionId)
    for (const who of refused) {
      const act = saga.act(executionId, cancel, who as OrderedBy)
      await expect(act, JSON.stringify(who)).rejects.toMatchObject({ code: 'reason_required' })
    }
    expect(await eventsOf(database, executionId)).toEqual(before)
    await saga.act(executionId, cancel, { actor: alice, reason: 'x', approvedBy: bob })
    const cancelled = (await eventsOf(database, executionId)).find(
      (event) => event.event_type === 'ORCHESTRATION_CANCELLED',
    )
    expect(cancelled).toMatchObject({
      actor_id: 'alice',
      details: { before: 'running', after: 'rolling_back', approvedBy: { type: 'user', id: 'bob' } },
    })
  })

  test('to adjust has its second person on record, too', async () => {
    const database = await open()
    const { saga } = await scripted(database)
    const { executionId } = await saga.start(single, {})
    const order = { action: 'adjust', step: 'createClient', maxRetries: 5 } as const
    await saga.act(executionId, order, { ...by, approvedBy: bob })
    expect((await eventsOf(database, executionId)).at(-1)).toMatchObject({
      event_type: 'ADAPTIVE_ADJUSTMENT',
      actor_id: 'alice',
      reason: 'ticket 7',
      details: { from: 3, to: 5, approvedBy: { type: 'user', id: 'bob' } },
    })
  })

  test('that there is not is refused, and one with more than it takes', async () => {
    const database = await open()
    const { saga } = await scripted(database)
    const { executionId } = await saga.start(single, {})
    const before = await eventsOf(database, executionId)
    const step = 'createClient'
    for (const order of [
      null,
      { action: 'explode' },
      { action: 'skip' },
      { action: 'pause', step },
      { action: 'cancel', rollback: 'no' },
      { action: 'adjust', step },
      { action: 'adjust', step, timeoutMs: 1_000, maxRetries: 1 },
    ] as unknown[]) {
      const act = saga.act(executionId, order as OperatorOrder, by)
      await expect(act, JSON.stringify(order)).rejects.toMatchObject({ code: 'order_refused' })
    }
    expect(await eventsOf(database, executionId)).toEqual(before)
  })

  test('pauses: nothing is claimed, no retry is woken, until it resumes', async () => {
    const database = await open()
    const { clock, saga, worker, perform } = await scripted(database)
    const { executionId } = await saga.start(provision, { tenant: 'acme' })
    await saga.act(executionId, { action: 'pause' }, by)
    expect(await saga.dispatch.claim(worker, 5)).toEqual([])
    await saga.act(executionId, { action: 'resume' }, by)
    await perform(1, { message: 'no' })
    await saga.act(executionId, { action: 'pause' }, by)
    clock.advance(60_000)
    await saga.dispatch.heartbeat(worker, [])
    expect(await saga.tick()).toBe(0)
    await saga.act(executionId, { action: 'resume' }, by)
    expect(await saga.tick()).toBe(1)
    await perform(1)
    expect(storyOf(await eventsOf(database, executionId))).toContain('STEP_SUCCESS createRealm DO 1')
  })

  test('cancels with rollback: the worker inside is told to abort, and what it did is undone', async () => {
    const database = await open()
    const { saga, worker, perform } = await scripted(database)
    const { executionId } = await saga.start(provision, { tenant: 'acme' })
    await perform(1)
    const [claim] = await saga.dispatch.claim(worker, 1)
    if (!claim) throw new Error('nothing to claim')
    expect((await saga.dispatch.heartbeat(worker, [claim])).lost).toEqual([])
    await saga.act(executionId, { action: 'cancel' }, by)
    expect((await saga.dispatch.heartbeat(worker, [claim])).lost).toEqual([claim])
    expect(await report({ saga, worker }, claim)).toMatchObject([{ outcome: 'accepted' }])
    await perform(1)
    await perform(1)
    const ended = await getExecution(database, executionId)
    expect(ended).toMatchObject({ status: 'cancelled', rolledBackSteps: 2 })
  })

  test('takes up a rollback that failed, which then ends anew', async () => {
    const database = await open()
    const { clock, saga, perform } = await scripted(database)
    const { executionId } = await saga.start(provision, { tenant: 'acme' })
    await perform(1)
    const failing = async (): Promise<void> => {
      for (let attempt = 1; attempt <= 4; attempt += 1) {
        await perform(1, { message: 'no' })
        clock.advance(6_000)
        await saga.tick()
      }
    }
    await failing()
    await failing()
    expect((await getExecution(database, executionId)).status).toBe('rollback_failed')
    const name = (await getExecution(database, executionId)).steps[0]?.name ?? ''
    const adjust = () => saga.act(executionId, { action: 'adjust', step: name, timeoutMs: 90_000 }, by)
    await expect(adjust()).rejects.toThrow('take its rollback up with `retry-rollback`')
    await saga.act(executionId, { action: 'retry-rollback' }, by)
    await adjust()
    await perform(1)
    expect(await getExecution(database, executionId)).toMatchObject({ status: 'failed', rolledBackSteps: 1 })
    expect((await eventsOf(database, executionId)).at(-1)?.event_type).toBe('ROLLBACK_COMPLETED')
  })

  test('that does not fit the state is refused, and says which state that is', async () => {
    const database = await open()
    const { saga, perform } = await scripted(database)
    const { executionId } = await saga.start(single, {})
    await perform(1)
    const act = (order: Parameters<typeof saga.act>[1]) => saga.act(executionId, order, by)
    await expect(act({ action: 'pause' })).rejects.toMatchObject({
      code: 'order_refused',
      message: expect.stringContaining('it is completed'),
    })
    await expect(act({ action: 'retry', step: 'nope' })).rejects.toMatchObject({ code: 'step_not_found' })
    await expect(
      saga.act('01a1fdb5-ad7a-7411-aed9-d5146d904434', { action: 'pause' }, by),
    ).rejects.toMatchObject({ code: 'execution_not_found' })
    await expect(saga.act('nonsense', { action: 'pause' }, by)).rejects.toMatchObject({
      code: 'invalid_filter',
    })
  })

  test('two operators at once: one retries, the other is told that there is nothing to retry', async () => {
    const database = await open()
    const saga = await createSaga(database, {
      holdsClock: false,
      clock: fakeClock(new Date().toISOString()),
    })
    onTestFinished(() => saga.close())
    const worker = await registered(saga)
    const { executionId } = await saga.start(single, {})
    const [claim] = await saga.dispatch.claim(worker, 1)
    if (!claim) throw new Error('nothing to claim')
    await report({ saga, worker }, claim, { message: 'no' })
    const retry = { action: 'retry', step: 'createClient' } as const
    const outcomes = await Promise.allSettled([
      saga.act(executionId, retry, by),
      saga.act(executionId, retry, by),
    ])
    expect(outcomes.map((outcome) => outcome.status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(
      storyOf(await eventsOf(database, executionId)).filter((line) => line.includes('REQUESTED')),
    ).toHaveLength(1)
  })
})
