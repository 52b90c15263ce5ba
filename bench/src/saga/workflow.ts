import type { Saga } from '@steptrail/saga'
import { createWorker, defineWorkflow, type Worker } from '@steptrail/workflow'
import { z } from 'zod'

const numbered = z.object({ value: z.number() })
const step = { service: 'bench-service', output: numbered, undo: 'none' } as const

/** Five steps, each after the one before it. */
export const fiveSteps = defineWorkflow({
  name: 'five-steps',
  version: '1.0.0',
  input: numbered,
  steps: { first: step, second: step, third: step, fourth: step, fifth: step },
})

/** Steps of an execution. */
export const stepCount = 5

/** A worker that adds one in each step and does nothing else: what is left is the runtime's own work. */
export function createBenchWorker(saga: Saga, concurrency: number): Worker<'bench-service'> {
  return createWorker(saga.dispatch, { service: 'bench-service', concurrency }).implement(fiveSteps, {
    first: { do: ({ input }) => ({ value: input.value + 1 }) },
    second: { do: ({ outputs }) => ({ value: (outputs.first?.value ?? 0) + 1 }) },
    third: { do: ({ outputs }) => ({ value: (outputs.second?.value ?? 0) + 1 }) },
    fourth: { do: ({ outputs }) => ({ value: (outputs.third?.value ?? 0) + 1 }) },
    fifth: { do: ({ outputs }) => ({ value: (outputs.fourth?.value ?? 0) + 1 }) },
  })
}
