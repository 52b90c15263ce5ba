import { migrate, openDatabase } from '@steptrail/core'
import { createSaga } from '@steptrail/saga'
import { startPostgres } from '@steptrail/testkit'
import { createWorker, defineWorkflow } from '@steptrail/workflow'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { eventsOf, storyOf } from './scripted-saga.ts'

const flow = defineWorkflow({
  name: 'crash',
  version: '1',
  input: z.object({}),
  steps: {
    first: { service: 'crash-service', output: z.object({ done: z.boolean() }), after: [] },
    second: { service: 'crash-service', output: z.object({}), after: ['first'] },
  },
})

test('a server that is killed inside a step loses nothing: the result is kept and reported when it is back', async () => {
  const server = await startPostgres()
  onTestFinished(() => server.stop())
  const database = await openDatabase({ url: server.url() })
  onTestFinished(() => database.close())
  await migrate(database)
  const inside = Promise.withResolvers<void>()
  const done = Promise.withResolvers<{ done: boolean }>()
  const undecided = Promise.withResolvers<void>()
  const saga = await createSaga(database, {
    onTrouble: (message) => {
      if (message.endsWith('could not be decided')) undecided.resolve()
    },
  })
  onTestFinished(() => saga.close())

  const worker = createWorker(saga.dispatch, {
    service: 'crash-service',
    // Longer than the server is away: the worker is not to count as lost.
    leaseMs: 300_000,
  }).implement(flow, {
    first: { do: () => (inside.resolve(), done.promise), undo: () => {} },
    second: { do: () => ({}), undo: () => {} },
  })
  await worker.start()
  onTestFinished(async () => void (await worker.close()))

  const { executionId } = await saga.start(flow, {})
  await inside.promise
  await server.kill()
  done.resolve({ done: true })
  await undecided.promise
  await server.start()

  expect((await saga.waitForEnd(executionId)).status).toBe('completed')
  expect(storyOf(await eventsOf(database, executionId))).toEqual([
    'ORCHESTRATION_STARTED',
    'STEP_STARTED first DO',
    'STEP_SUCCESS first DO 0',
    'STEP_STARTED second DO',
    'STEP_SUCCESS second DO 0',
    'ORCHESTRATION_COMPLETED',
  ])
})
