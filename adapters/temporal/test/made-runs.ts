import { randomUUID } from 'node:crypto'
import { type Database, getExecution, getExecutionEvents } from '@steptrail/core'
import { temporalExecutionId } from '@steptrail/temporal/history'
import { HistoryMaker } from './history-maker.ts'

/** Runs whose histories are made while they are read: what is asked of Temporal is asked of these, and is noted. */
export function madeRuns() {
  const histories = new Map<string, HistoryMaker>()
  const asksOf = new Map<string, number[]>()
  return {
    histories,
    /** After which event the history of a run was asked for, each time. */
    asksOf,
    engine: {
      history: ({ runId }: { readonly runId: string }, after: number) => {
        asksOf.set(runId, [...(asksOf.get(runId) ?? []), after])
        const maker = histories.get(runId)
        return Promise.resolve(maker ? { events: maker.json().events.slice(after) } : null)
      },
      currentRun: (workflowId: string) => Promise.resolve(workflowId.replace('order ', '')),
    },
    begun: () => {
      const runId = randomUUID()
      const run = { workflowId: `order ${runId}`, runId }
      const maker = new HistoryMaker(run.workflowId, runId)
      histories.set(runId, maker)
      return { run, maker, executionId: temporalExecutionId(run) }
    },
  }
}

/** What is on record of an execution. */
export async function madeStory(database: Database, executionId: string) {
  const events = await getExecutionEvents(database, executionId)
  const types = events.map(({ eventType, retryCount }) =>
    retryCount === null ? eventType : `${eventType} ${retryCount}`,
  )
  return { events, types, view: await getExecution(database, executionId) }
}
