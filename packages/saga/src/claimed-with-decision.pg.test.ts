import { randomUUID } from 'node:crypto'
import { type Database, recordIn } from '@steptrail/core'
import { createSaga } from '@steptrail/saga'
import { describeOnBoth } from '@steptrail/testkit'
import type { Claim, Result } from '@steptrail/workflow'
import { expect, onTestFinished, test } from 'vitest'
import { eventsOf, provision, registered, scripted, single, storyOf } from '../test/scripted-saga.ts'

const resultOf = (claim: Claim, workerUuid: string): Result => ({
  stepId: claim.stepId,
  executionId: claim.executionId,
  attempt: claim.attempt,
  attemptToken: claim.attemptToken,
  workerUuid,
  executionTimeMs: 42,
  success: true,
  output: claim.stepName === 'createRealm' ? { realmId: 'r-1' } : {},
})

const input = { tenant: 'acme' }

async function statesOf(database: Database, executionId: string): Promise<readonly string[]> {
  const { rows } = await database.query<{ state: string }>(
    `select name || ' ' || status || ' ' || attempt as state
     from workflow_steps
     where execution_id = $1
     order by step_index`,
    [executionId],
  )
  return rows.map(({ state }) => state)
}

describeOnBoth('a step that becomes due by a report', (open) => {
  test('is claimed for who reported, with all that a claim leaves behind', async () => {
    const database = await open()
    const { saga, worker, clock } = await scripted(database)
    const { executionId } = await saga.start(provision, input)
    const [first] = await saga.dispatch.claim(worker, 1)
    clock.advance(5)
    const [outcome] = await saga.dispatch.report([resultOf(first as Claim, worker)], 1)
    expect(outcome?.outcome).toBe('accepted')
    const [next] = outcome?.next ?? []
    expect(next).toMatchObject({
      stepName: 'createClient',
      attempt: 1,
      input,
      outputs: { createRealm: { realmId: 'r-1' } },
      undoing: null,
      lastError: null,
    })
    expect(await statesOf(database, executionId)).toEqual([
      'createRealm complete 1',
      'createClient in_progress 1',
      'createUser pending 0',
    ])
    const { rows } = await database.query(
      `select from_state, to_state, metadata - 'correlation_id' as metadata, sort_key
       from workflow_step_transitions
       where workflow_step_uuid = $1
       order by sort_key`,
      [next?.stepId],
    )
    expect(rows.at(-1)).toEqual({
      from_state: 'enqueued',
      to_state: 'in_progress',
      sort_key: 3,
      metadata: { attempt: 1, attempt_token: next?.attemptToken, worker_uuid: worker },
    })
    const { rows: held } = await database.query(
      `select worker_uuid, attempt_token, timeout_at - attempt_started_at = interval '1 minute' as has_time
       from workflow_steps
       where workflow_step_uuid = $1`,
      [next?.stepId],
    )
    expect(held).toEqual([{ worker_uuid: worker, attempt_token: next?.attemptToken, has_time: true }])
    expect(await saga.dispatch.claim(worker, 10)).toEqual([])
  })

  test('is left to the queue without room, for another worker, and after the lease', async () => {
    const database = await open()
    const { saga, worker, clock } = await scripted(database)
    const outsider = randomUUID()
    const nextOf = async (workerUuid: string, room: number): Promise<unknown> => {
      await saga.start(provision, input)
      const claims = await saga.dispatch.claim(worker, 10)
      const claim = claims.find(({ stepName }) => stepName === 'createRealm') as Claim
      const [outcome] = await saga.dispatch.report([resultOf(claim, workerUuid)], room)
      expect(outcome?.outcome).toBe('accepted')
      return outcome?.next
    }
    expect(await nextOf(worker, 0)).toBeUndefined()
    expect(await nextOf(outsider, 1)).toBeUndefined()
    const { executionId } = await saga.start(provision, input)
    const [claim] = (await saga.dispatch.claim(worker, 10)).filter(
      (given) => given.executionId === executionId,
    )
    clock.advance(60_001)
    expect(await saga.dispatch.report([resultOf(claim as Claim, worker)], 1)).toMatchObject([
      { outcome: 'accepted' },
    ])
    expect(await statesOf(database, executionId)).toContain('createClient enqueued 0')
  })

  test('is not given to more than there is room for', async () => {
    const database = await open()
    const { saga, worker } = await scripted(database)
    for (let count = 0; count < 5; count += 1) await saga.start(provision, input)
    const claims = await saga.dispatch.claim(worker, 5)
    const outcomes = await saga.dispatch.report(
      claims.map((claim) => resultOf(claim, worker)),
      3,
    )
    expect(outcomes).toHaveLength(5)
    expect(outcomes.flatMap(({ next = [] }) => next)).toHaveLength(3)
    expect(await saga.dispatch.claim(worker, 10)).toHaveLength(2)
  })
})

describeOnBoth('a runtime that decides on what it knows', (open) => {
  test('finds out what was recorded, decided or claimed meanwhile by others, and loses none of it', async () => {
    const database = await open()
    const { saga, worker, clock } = await scripted(database)
    const other = await createSaga(database, { clock, holdsClock: false })
    onTestFinished(() => other.close())
    const { executionId } = await saga.start(provision, input)
    const [claim] = await saga.dispatch.claim(worker, 1)
    await database.transaction((tx) =>
      recordIn(tx, [{ eventType: 'OPERATION', action: 'meanwhile', status: 'SUCCESS', executionId }], {
        clock,
      }),
    )
    const order = { action: 'adjust', step: 'createUser', maxRetries: 7 } as const
    const by = { actor: { type: 'user', id: 'alice' }, reason: 'ticket 9' } as const
    await other.act(executionId, order, by)
    await saga.dispatch.report([resultOf(claim as Claim, worker)])
    const events = await eventsOf(database, executionId)
    expect(storyOf(events)).toEqual([
      'ORCHESTRATION_STARTED',
      'STEP_STARTED createRealm DO',
      'OPERATION',
      'ADAPTIVE_ADJUSTMENT createUser DO',
      'STEP_SUCCESS createRealm DO 0',
      'STEP_STARTED createClient DO',
    ])
    expect(events.map((event) => event.execution_seq)).toEqual([1, 2, 3, 4, 5, 6])
    const { rows } = await database.query(
      `select max_retries from workflow_steps where execution_id = $1 and name = 'createUser'`,
      [executionId],
    )
    expect(rows).toEqual([{ max_retries: 7 }])
  })

  test('has the database refuse a time that is not the database’s', async () => {
    const database = await open()
    const saga = await createSaga(database, { holdsClock: false })
    onTestFinished(() => saga.close())
    const worker = await registered(saga)
    await saga.start(single, {})
    const [claim] = await saga.dispatch.claim(worker, 1)
    const monotonic = performance.now.bind(performance)
    performance.now = () => monotonic() + 5_000
    onTestFinished(() => void (performance.now = monotonic))
    expect(await saga.dispatch.report([resultOf(claim as Claim, worker)])).toMatchObject([
      { outcome: 'accepted' },
    ])
    const { rows } = await database.query(
      `select 1 from audit_event where timestamp > clock_timestamp() + interval '1 second'`,
    )
    expect(rows).toEqual([])
  })
})

describeOnBoth('a claim whose reply was lost', (open) => {
  test('is given back once its worker has been heard of for longer than its lease without naming it', async () => {
    const database = await open()
    const { saga, worker, clock } = await scripted(database)
    const { executionId } = await saga.start(single, {})
    const held = await saga.dispatch.claim(worker, 1)
    const beat = async (named: readonly Claim[]): Promise<readonly string[]> => {
      clock.advance(31_000)
      await saga.dispatch.heartbeat(worker, named)
      return await statesOf(database, executionId)
    }
    expect(await beat([])).toEqual(['createClient in_progress 1'])
    expect(await beat(held)).toEqual(['createClient in_progress 1'])
    expect(await beat([])).toEqual(['createClient enqueued 0'])
    expect(await saga.dispatch.claim(worker, 1)).toMatchObject([{ attempt: 1 }])
  })
})
