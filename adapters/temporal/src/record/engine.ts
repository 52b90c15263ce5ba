import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import type { WorkflowRun } from '../history/run.ts'
import { historyAsJson } from './history-as-json.ts'

type Run = Pick<WorkflowRun, 'workflowId' | 'runId'>

/** What is asked of Temporal. */
export interface TemporalEngine {
  /**
   * The history of a run, as JSON: what follows the event of this number, and all of it when that is 0. Null when Temporal
   * knows no such run, or no longer.
   */
  history(run: Run, after: number): Promise<unknown>
  /** The id of the run that a workflow is in, or was in last. */
  currentRun(workflowId: string): Promise<string>
}

/**
 * A client of Temporal, to be asked. It asks in the namespace that the client is of. What follows an event is read from
 * the end backwards, and nothing where the history has not grown.
 */
export const engineOfClient = ({ workflow }: Pick<Client, 'workflow'>): TemporalEngine => ({
  history: async (run, after) => {
    const length = await lengthOf(workflow, run)
    if (length === null) return null
    if (after === 0) return historyAsJson(await workflow.getHandle(run.workflowId, run.runId).fetchHistory())
    return { events: length > after ? await eventsAfter(workflow, run, after) : [] }
  },
  currentRun: async (workflowId) => (await workflow.getHandle(workflowId).describe()).runId,
})

/** Only that of a workflow is taken for what Temporal does not know: one of a namespace is a mistake of who asks. */
async function lengthOf(workflow: Client['workflow'], { workflowId, runId }: Run): Promise<number | null> {
  try {
    return (await workflow.getHandle(workflowId, runId).describe()).historyLength
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null
    throw error
  }
}

const eventsAtOnce = 100

/** As the SDK gives it, with what is read of it. */
interface HistoryPage {
  readonly history?: {
    readonly events?: readonly { readonly eventId?: unknown }[] | null
  } | null
  readonly nextPageToken?: Uint8Array | null
}

async function eventsAfter(
  { workflowService, options: { namespace } }: Client['workflow'],
  execution: Run,
  after: number,
): Promise<readonly unknown[]> {
  const events: unknown[] = []
  let nextPageToken: Uint8Array | null = null
  for (let isRead = false; !isRead;) {
    const page: HistoryPage = await workflowService.getWorkflowExecutionHistoryReverse({
      namespace,
      execution,
      maximumPageSize: eventsAtOnce,
      nextPageToken,
    })
    for (const event of page.history?.events ?? []) {
      isRead ||= Number(event.eventId) <= after
      if (!isRead) events.push(historyAsJson(event))
    }
    nextPageToken = page.nextPageToken ?? null
    isRead ||= (nextPageToken?.length ?? 0) === 0
  }
  return events.toReversed()
}
