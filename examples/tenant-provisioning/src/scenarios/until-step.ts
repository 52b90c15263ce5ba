import { setTimeout as pause } from 'node:timers/promises'
import { getExecution } from '@steptrail/core'
import type { Stage, StepCondition } from './scenario.ts'

const lookAgainMs = 20
const patienceMs = 30_000

/** Watches the execution until one of its steps is as described; gives up after 30 s. */
export async function untilStep(
  { database, signal }: Pick<Stage, 'database' | 'signal'>,
  executionId: string,
  isSo: StepCondition,
): Promise<void> {
  const either = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)])
  while (!(await getExecution(database, executionId)).steps.some(isSo)) {
    await pause(lookAgainMs, undefined, { signal: either })
  }
}
