import type { Execution } from '@steptrail/client'
import { useQueryClient } from '@tanstack/react-query'
import { executionKey, eventsKey } from '../use-story.ts'

/** Takes in how an execution is after an order: at once, and its events as soon as they are read. */
export function useOrdered(executionId: string): (execution: Execution) => void {
  const queries = useQueryClient()
  return (execution) => {
    queries.setQueryData(executionKey(executionId), execution)
    void queries.invalidateQueries({ queryKey: eventsKey(executionId) })
    void queries.invalidateQueries({ queryKey: ['executions'] })
  }
}
