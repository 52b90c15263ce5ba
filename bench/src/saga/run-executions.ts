import type { Saga } from '@steptrail/saga'
import { closedLoop, type Load, type LoopTimes } from '../closed-loop.ts'
import { fiveSteps } from './workflow.ts'

/** Starts executions and waits for their ends, so many at any time. */
export async function runExecutions(saga: Saga, load: Load): Promise<LoopTimes> {
  return await closedLoop(load, async () => {
    const { executionId } = await saga.start(fiveSteps, { value: 0 })
    const status = await saga.untilEnded(executionId)
    if (status !== 'completed') throw new Error(`execution ${executionId} ended ${status}`)
  })
}
