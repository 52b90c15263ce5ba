import { setTimeout as pause } from 'node:timers/promises'
import { type ExecutionView, getExecution } from '@steptrail/core'
import type { Stage } from './scenario.ts'

const lookAgainMs = 20
const patienceMs = 30_000

/** Watches the execution until it is as described; gives up after 30 s. */
export async function until(
  { database, signal }: Stage,
  executionId: string,
  isSo: (execution: ExecutionView) => boolean,
): Promise<void> {
  const either = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)])
  while (!isSo(await getExecution(database, executionId))) {
    await pause(lookAgainMs, undefined, { signal: either })
  }
}

/** Whether the DO of a step is in this state. */
export const stepIs =
  (name: string, status: ExecutionView['steps'][number]['status']) =>
  ({ steps }: ExecutionView): boolean =>
    steps.some((step) => step.name === name && step.operationType === 'DO' && step.status === status)
