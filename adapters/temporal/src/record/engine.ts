import type { Client } from '@temporalio/client'
import { historyAsJson } from './history-as-json.ts'

/** What is asked of Temporal. */
export interface TemporalEngine {
  /** The history of a run, as JSON. */
  history(run: { readonly workflowId: string; readonly runId: string }): Promise<unknown>
  /** The id of the run that a workflow is in, or was in last. */
  currentRun(workflowId: string): Promise<string>
}

/** A client of Temporal, to be asked. It asks in the namespace that the client is of. */
export const engineOfClient = ({ workflow }: Pick<Client, 'workflow'>): TemporalEngine => ({
  history: async ({ workflowId, runId }) =>
    historyAsJson(await workflow.getHandle(workflowId, runId).fetchHistory()),
  currentRun: async (workflowId) => (await workflow.getHandle(workflowId).describe()).runId,
})
