import { getExecution } from '@steptrail/core'
import { describeOnBoth } from '@steptrail/testkit'
import { expect, test } from 'vitest'
import { eventsOf, provision, scripted, single, storyOf } from '../test/scripted-saga.ts'

const steps = (story: readonly string[]): readonly string[] => story.slice(1, -1)

describeOnBoth('the exact sequences, by execution_seq and by timestamp,', (open) => {
  test('1: the first attempt succeeds', async () => {
    const database = await open()
    const { saga, perform } = await scripted(database)
    const { executionId } = await saga.start(single, {})
    await perform(5_234)
    const events = await eventsOf(database, executionId)
    expect(steps(storyOf(events))).toEqual(['STEP_STARTED createClient DO', 'STEP_SUCCESS createClient DO 0'])
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
