import { getExecution } from '@steptrail/core'
import { describeOnBoth, fakeClock } from '@steptrail/testkit'
import type { Result } from '@steptrail/workflow'
import { expect, onTestFinished, test } from 'vitest'
import { eventsOf, registered, single } from '../test/scripted-saga.ts'
import { createSaga } from './saga.ts'

describeOnBoth('an execution that cannot be decided', (open) => {
  test('is split out of its batch and told of, and the others go on', async () => {
    const database = await open()
    const troubles: string[] = []
    const saga = await createSaga(database, {
      clock: fakeClock(new Date().toISOString()),
      holdsClock: false,
      onTrouble: (message) => void troubles.push(message),
    })
    onTestFinished(() => saga.close())
    const workerUuid = await registered(saga)
    const [poisoned, sound] = [await saga.start(single, {}), await saga.start(single, {})]
    const claims = await saga.dispatch.claim(workerUuid, 2)
    // Its next event would come later still, and no partition is made for such a time.
    await database.query(
      `update workflow_executions set last_event_at = '3000-01-01T00:00:00Z' where execution_id = $1`,
      [poisoned.executionId],
    )

    const results = claims.map(({ stepId, executionId, attempt, attemptToken }): Result => {
      const head = { stepId, executionId, attempt, attemptToken, workerUuid, executionTimeMs: 1 }
      return { ...head, success: true, output: {} }
    })
    expect(await saga.dispatch.report(results)).toMatchObject([{ outcome: 'accepted' }])

    expect((await getExecution(database, sound.executionId)).status).toBe('completed')
    expect((await getExecution(database, poisoned.executionId)).status).toBe('running')
    expect(await eventsOf(database, poisoned.executionId)).toHaveLength(2)
    expect(troubles).toEqual([`execution ${poisoned.executionId} could not be decided`])
  })
})
