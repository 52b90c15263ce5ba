import { getExecution } from '@steptrail/core'
import { describeOnBoth, openTestDatabase } from '@steptrail/testkit'
import type { Claim } from '@steptrail/workflow'
import { expect, test } from 'vitest'
import { scripted, single } from '../test/scripted-saga.ts'

test('giving an attempt back fails while another transaction holds its execution, and is done when repeated', async () => {
  const database = await openTestDatabase('postgres')
  const { saga, worker } = await scripted(database)
  const { executionId } = await saga.start(single, {})
  const [claim] = await saga.dispatch.claim(worker, 1)
  const released = [{ ...(claim as Claim), hasBegun: false }]
  await database.transaction(async (tx) => {
    await tx('select from workflow_executions where execution_id = $1 for no key update', [executionId])
    await expect(saga.dispatch.release(worker, released)).rejects.toMatchObject({
      code: 'transition_conflict',
      details: { executionIds: [executionId] },
    })
  })
  await saga.dispatch.release(worker, released)
  const { steps } = await getExecution(database, executionId)
  expect(steps).toMatchObject([{ status: 'enqueued', attempt: 0, outcomeUnknown: false }])
})

describeOnBoth('a heartbeat', (open) => {
  test('counts, though an attempt that it does not name cannot be given back', async () => {
    const database = await open()
    const { saga, worker, clock } = await scripted(database)
    const { executionId } = await saga.start(single, {})
    await saga.dispatch.claim(worker, 1)
    // The next transition of the step would have a number that is taken.
    await database.query('update workflow_steps set last_sort_key = 0 where execution_id = $1', [executionId])
    clock.advance(60_001)
    expect(await saga.dispatch.heartbeat(worker, [])).toEqual({ lost: [], held: [] })
    const { rows } = await database.query<{ is_held: boolean }>(
      'select lease_until > $2::timestamptz as is_held from workflow_workers where worker_uuid = $1',
      [worker, new Date(clock.now()).toISOString()],
    )
    expect(rows).toEqual([{ is_held: true }])
  })
})
