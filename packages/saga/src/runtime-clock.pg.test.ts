import { getExecution } from '@steptrail/core'
import { openTestDatabase } from '@steptrail/testkit'
import { expect, onTestFinished, test, vi } from 'vitest'
import { registered, report, scripted, single } from '../test/scripted-saga.ts'
import { createSaga } from './saga.ts'

test('the clock comes to what is due after any number of executions that somebody has locked', async () => {
  const database = await openTestDatabase('postgres')
  const { clock, saga, worker, perform } = await scripted(database)
  const failed = { message: 'No such realm' }
  const start = (): Promise<{ executionId: string }> => saga.start(single, {})
  const held = await Promise.all(Array.from({ length: 600 }, start))
  const claims = await saga.dispatch.claim(worker, 600)
  await saga.dispatch.report(
    claims.map(({ stepId, executionId, attempt, attemptToken }) => {
      const head = { stepId, executionId, attempt, attemptToken, workerUuid: worker, executionTimeMs: 1 }
      return { ...head, success: false, error: failed } as const
    }),
  )
  clock.advance(1_000)
  await start()
  await perform(1, failed)
  clock.advance(60_000)
  await saga.dispatch.heartbeat(worker, [])

  await database.transaction(async (tx) => {
    const ids = held.map(({ executionId }) => executionId)
    await tx('select from workflow_executions where execution_id = any($1::uuid[]) for update', [ids])
    expect(await saga.tick()).toBe(1)
  })
  expect(await saga.tick()).toBe(600)
})

test('the clock goes on though whoever is told of a trouble throws', async () => {
  vi.spyOn(console, 'error').mockReturnValue()
  const database = await openTestDatabase('postgres')
  const told = Promise.withResolvers<string>()
  const saga = await createSaga(database, {
    onTrouble: (message) => {
      told.resolve(message)
      throw new Error('the log is full')
    },
  })
  onTestFinished(() => saga.close())
  const workerUuid = await registered(saga)
  const { executionId } = await saga.start(single, {})
  await database.query('alter table workflow_clock rename to mislaid')
  expect(await told.promise).toBe('the clock could not do its round; it tries again')
  await database.query('alter table mislaid rename to workflow_clock')

  const [claim] = await saga.dispatch.claim(workerUuid, 1)
  if (!claim) throw new Error('there is nothing to claim')
  await report({ saga, worker: workerUuid }, claim, { message: 'taken', retryAfterMs: 1 })
  const { stepId } = claim
  const status = async (): Promise<unknown> => {
    const { steps } = await getExecution(database, executionId)
    return steps.find((step) => step.stepId === stepId)?.status
  }
  await expect.poll(status).toBe('enqueued')
})

test('the clock tells once why it does not go on, and of an execution that it cannot decide', async () => {
  const database = await openTestDatabase('postgres')
  const rounds = { tried: 0 }
  const counted = new Proxy(database, {
    get: (target, key) => {
      const value: unknown = Reflect.get(target, key, target)
      if (key !== 'query') return typeof value === 'function' ? (value.bind(target) as unknown) : value
      return (text: string, values?: readonly unknown[]) => {
        if (/update workflow_clock|'due' as what/.test(text)) rounds.tried += 1
        return target.query(text, values)
      }
    },
  })
  const told: string[] = []
  const saga = await createSaga(counted, { onTrouble: (message) => void told.push(message) })
  onTestFinished(() => saga.close())
  const more = async (): Promise<void> => {
    const until = rounds.tried + 5
    await expect.poll(() => rounds.tried, { timeout: 20_000 }).toBeGreaterThan(until)
  }
  await database.query('alter table workflow_clock rename to mislaid')
  await expect.poll(() => told, { timeout: 20_000 }).not.toEqual([])
  await more()
  expect(told).toEqual(['the clock could not do its round; it tries again'])
  await database.query('alter table mislaid rename to workflow_clock')
  await expect.poll(() => saga.clockTrouble).toBeNull()

  const workerUuid = await registered(saga)
  const { executionId } = await saga.start(single, {})
  const [claim] = await saga.dispatch.claim(workerUuid, 1)
  if (!claim) throw new Error('there is nothing to claim')
  // Its next event would come later still, and no partition is made for such a time.
  await database.query(
    `update workflow_executions set last_event_at = '3000-01-01T00:00:00Z' where execution_id = $1`,
    [executionId],
  )
  await database.query(`update workflow_workers set lease_until = now() - interval '1 minute'`)
  const undecided = `execution ${executionId} could not be decided`
  await expect.poll(() => told, { timeout: 20_000 }).toContain(undecided)
  await more()
  expect(told.slice(1)).toEqual([undecided])
})
