import type { Database } from '@steptrail/core'
import { createSaga } from '@steptrail/saga'
import { createWorker, defineWorkflow } from '@steptrail/workflow'
import { z } from 'zod'

const service = 'bench-service'
/** Events of a step that is retried so often: it starts, each failure and its retry, and its success. */
const retries = 9
/** Steps that do not wait for one another. */
const rows = 50
const eventsOfStep = 2 + 2 * retries

/**
 * Runs one execution that leaves about so many events, and gives its id: fifty rows of steps, one
 * after the other in each, every one of which fails nine times before it works. Half of the events are outcomes of
 * attempts.
 */
export async function runLongExecution(database: Database, events: number): Promise<string> {
  const names = Array.from(
    { length: Math.max(1, Math.round(events / eventsOfStep)) },
    (_, at) => `step-${at}`,
  )
  const step = { service, output: z.object({}), undo: 'none' } as const
  const workflow = defineWorkflow({
    name: 'long',
    version: '1.0.0',
    input: z.object({}),
    retry: { maxRetries: retries, backoff: { type: 'fixed', delayMs: 20 } },
    steps: Object.fromEntries(
      names.map((name, at) => [name, { ...step, after: at < rows ? [] : [`step-${at - rows}`] }]),
    ),
  })
  await using saga = await createSaga(database)
  await using worker = createWorker(saga.dispatch, { service, concurrency: rows }).implement(
    workflow,
    Object.fromEntries(names.map((name) => [name, { do: succeedAtLast }])),
  )
  await worker.start()
  const { executionId } = await saga.start(workflow, {})
  const status = await saga.untilEnded(executionId)
  if (status !== 'completed') throw new Error(`the long execution ended ${status}`)
  return executionId
}

function succeedAtLast({ attempt }: { readonly attempt: number }): Record<string, never> {
  if (attempt <= retries) throw new Error(`attempt ${attempt} did not work`)
  return {}
}
