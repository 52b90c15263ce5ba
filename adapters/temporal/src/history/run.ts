import { idOf, type ObservedEngine, observedExecutionId } from '@steptrail/core'
import { temporalCapabilities } from '../capabilities.ts'

/** A run of a workflow in a namespace. */
export interface WorkflowRun {
  /** `default` unless given, as for Temporal itself. */
  readonly namespace?: string | undefined
  readonly workflowId: string
  readonly runId: string
}

/** The id of an execution in Temporal, as the trail has it: the run is what has a history, and its workflow is what people know. */
export const engineExecutionIdOf = ({ workflowId, runId }: WorkflowRun): string => `${workflowId}/${runId}`

/** What `engineExecutionIdOf` was made of; null for what is none. */
export function runOfEngineExecutionId(id: string): Omit<WorkflowRun, 'namespace'> | null {
  const slash = id.lastIndexOf('/')
  return slash < 1 ? null : { workflowId: id.slice(0, slash), runId: id.slice(slash + 1) }
}

/** Temporal, as the source of one run's history: each run has its own, with numbers from 1 on. */
export const engineOfRun = (run: WorkflowRun): ObservedEngine => ({
  name: 'temporal',
  capabilities: temporalCapabilities,
  sourceId: idOf('temporal', run.namespace ?? 'default', run.workflowId, run.runId),
})

/** The id that a run has in the trail: the same whenever it is asked for. */
export const temporalExecutionId = (run: WorkflowRun): string =>
  observedExecutionId(engineOfRun(run), engineExecutionIdOf(run))
