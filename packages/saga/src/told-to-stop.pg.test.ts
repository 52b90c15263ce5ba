import { setTimeout } from 'node:timers/promises'
import { getExecution } from '@steptrail/core'
import { describeOnBoth } from '@steptrail/testkit'
import { createWorker, defineWorkflow, FatalError } from '@steptrail/workflow'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { createSaga } from './saga.ts'

const step = { service: 'shop', output: z.object({}), after: [], retry: { maxRetries: 0 } } as const
const late = defineWorkflow({
  name: 'late',
  version: '1',
  input: z.object({}),
  steps: { charge: { ...step, timeoutMs: 150 } },
})
const sided = defineWorkflow({
  name: 'sided',
  version: '1',
  input: z.object({}),
  steps: { charge: step, check: { ...step, undo: 'none' } },
})

describeOnBoth('a handler that hands its signal on, and is told to stop', (open) => {
  test.each([
    ['since its time is over', late],
    ['since another step has failed', sided],
  ])('has an unknown outcome, and is undone: %s', async (_, workflow) => {
    const database = await open()
    const saga = await createSaga(database)
    onTestFinished(() => saga.close())
    const undone: string[] = []
    const charged = Promise.withResolvers<void>()
    const charge = {
      do: async ({ signal }: { readonly signal: AbortSignal }) => {
        charged.resolve()
        await setTimeout(60_000, undefined, { signal })
        return {}
      },
      undo: ({ outcome }: { readonly outcome: string }) => void undone.push(outcome),
    }
    const check = {
      do: async () => {
        await charged.promise
        throw new FatalError('refused')
      },
    }
    const worker = createWorker(saga.dispatch, { service: 'shop', leaseMs: 600 })
      .implement(late, { charge })
      .implement(sided, { charge, check })
    await worker.start()
    onTestFinished(async () => void (await worker.close()))
    const { executionId } = await saga.start(workflow, {})
    expect((await saga.waitForEnd(executionId)).status).toBe('failed')
    expect(undone).toEqual(['unknown'])
    expect((await getExecution(database, executionId)).steps[0]).toMatchObject({
      status: 'error',
      outcomeUnknown: true,
    })
  })
})
