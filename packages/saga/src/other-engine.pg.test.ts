import {
  getExecution,
  idOf,
  ObservationRecorder,
  observedExecutionId,
  type ObservedEngine,
} from '@steptrail/core'
import { openTestDatabase } from '@steptrail/testkit'
import { expect, it, onTestFinished } from 'vitest'
import { createSaga } from './saga.ts'

const engine: ObservedEngine = {
  name: 'other',
  sourceId: idOf('a test'),
  capabilities: { perAttempt: true, actor: false, transactional: true, replaySafe: true, backfill: true },
}

const at = Date.parse('2026-11-20T10:00:00.000Z')
const step = (name: string) =>
  ({
    key: name,
    name,
    service: 'shop',
    operation: 'DO',
    undoes: null,
    maxRetries: 1,
    attemptsSeen: true,
  }) as const
const started = {
  execution: 'order-17',
  kind: 'started',
  at,
  workflowName: 'order',
  workflowVersion: '1',
  correlationId: null,
  actor: null,
  inputDigest: null,
  isBackfilled: false,
} as const

it('leaves executions of another engine to it: no clock ends their attempts, and no order reaches them', async () => {
  const database = await openTestDatabase('embedded')
  const base = { execution: 'order-17', workerUuid: idOf('a worker') }
  await new ObservationRecorder(database, { engine, serviceName: 'adapter' }).record([
    { id: '1', observation: started },
    { id: '2', observation: { ...base, kind: 'attempt_started', at: at + 1, step: step('charge') } },
    {
      id: '3',
      observation: {
        ...base,
        kind: 'attempt_failed',
        at: at + 9,
        startedAt: at + 2,
        step: step('ship'),
        error: { message: 'no stock' },
        retryInMs: 5,
      },
    },
  ])
  const saga = await createSaga(database, { holdsClock: false })
  onTestFinished(() => saga.close())
  const executionId = observedExecutionId(engine, 'order-17')
  expect(await saga.tick()).toBe(0)
  const by = { actor: { type: 'user', id: 'alice' }, reason: 'ticket 7' } as const
  await expect(saga.act(executionId, { action: 'cancel' }, by)).rejects.toMatchObject({
    code: 'order_refused',
    message: expect.stringContaining('is run by other') as string,
  })
  const { steps, status, unattended } = await getExecution(database, executionId)
  expect({ status, unattended }).toEqual({ status: 'running', unattended: [] })
  expect(steps.map(({ name, status: state }) => [name, state])).toEqual([
    ['charge', 'in_progress'],
    ['ship', 'waiting_for_retry'],
  ])
})

it('takes no result of a worker for one of them, and decides nothing of what is theirs', async () => {
  const database = await openTestDatabase('embedded')
  const worker = idOf('a worker')
  await new ObservationRecorder(database, { engine, serviceName: 'adapter' }).record([
    { id: '1', observation: started },
    {
      id: '2',
      observation: {
        execution: 'order-17',
        kind: 'step_succeeded',
        at: at + 9,
        startedAt: at + 2,
        step: step('charge'),
        workerUuid: worker,
        result: null,
      },
    },
  ])
  const saga = await createSaga(database, { holdsClock: false, onTrouble: () => undefined })
  onTestFinished(() => saga.close())
  const executionId = observedExecutionId(engine, 'order-17')
  const [charge] = (await getExecution(database, executionId)).steps
  const stepId = charge?.stepId ?? ''
  const attempt = { stepId, attemptToken: idOf('attempt', stepId, '1') }
  const result = { ...attempt, executionId, workerUuid: worker, attempt: 1, executionTimeMs: 1 }
  expect(await saga.dispatch.report([{ ...result, success: true, output: 'forged' }])).toEqual([
    { ...attempt, outcome: 'rejected' },
  ])
  const released = saga.dispatch.release(worker, [{ ...attempt, hasBegun: true }])
  await expect(released).rejects.toMatchObject({ code: 'order_refused' })
  expect((await getExecution(database, executionId)).status).toBe('running')
})
