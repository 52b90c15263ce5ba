import type { Execution } from '@steptrail/client'
import { useQueryClient } from '@tanstack/react-query'
import { useReadAgain } from '../../connection/use-read-again.ts'
import { executionKey, eventsKey } from '../use-story.ts'

/**
 * Takes in how an execution is after an order: at once, and its events as soon as they are read. It is read again itself,
 * since an answer from before the order may still come.
 */
export function useOrdered(executionId: string): (execution: Execution) => void {
  const queries = useQueryClient()
  const readAgain = useReadAgain()
  return (execution) => {
    queries.setQueryData(executionKey(executionId), execution)
    readAgain(executionKey(executionId))
    readAgain(eventsKey(executionId))
    readAgain(['executions'])
  }
}
