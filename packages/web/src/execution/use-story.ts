import type { Execution } from '@steptrail/client'
import { useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query'
import { isEnded } from '@steptrail/workflow/states'
import { useCallback } from 'react'
import { useConnection } from '../connection/connection.tsx'
import { codeOf } from '../connection/failure-code.ts'
import { type FollowState, useFollow } from '../connection/use-follow.ts'
import { type StoryEvent, withEvents } from './story.ts'

/** What is read of one execution, and whether it is followed. */
export interface StoryQueries {
  /** Null data: there is no row of it, as of executions of other engines. */
  readonly execution: UseQueryResult<Execution | null>
  readonly events: UseQueryResult<readonly StoryEvent[]>
  readonly live: FollowState
}

/** The names under which an execution's parts are kept. */
export const executionKey = (executionId: string) => ['execution', executionId] as const
export const eventsKey = (executionId: string) => ['execution-events', executionId] as const

/** Codes that say that there is no row with this id. */
const noRow: ReadonlySet<string> = new Set(['execution_not_found', 'invalid_filter', 'invalid_input'])

/** Reads an execution and its events, and follows what comes while it has not ended. */
export function useStory(executionId: string): StoryQueries {
  const { client } = useConnection()
  const queries = useQueryClient()
  const execution = useQuery({
    queryKey: executionKey(executionId),
    queryFn: async ({ signal }) => {
      try {
        return await client.executions.get(executionId, { signal })
      } catch (error) {
        if (noRow.has(codeOf(error))) return null
        throw error
      }
    },
  })
  const events = useQuery({
    queryKey: eventsKey(executionId),
    queryFn: async ({ signal }): Promise<readonly StoryEvent[]> =>
      (await client.executions.timeline(executionId, { signal })).entries,
    staleTime: 60_000,
  })
  const take = useCallback(
    (came: readonly StoryEvent[]) => {
      queries.setQueryData<readonly StoryEvent[]>(eventsKey(executionId), (known = []) =>
        withEvents(known, came),
      )
      void queries.invalidateQueries({ queryKey: executionKey(executionId) })
    },
    [queries, executionId],
  )
  const hasEnded = execution.data ? isEnded(execution.data.status) : false
  const live = useFollow({
    filters: { execution_id: executionId },
    isOn: events.isSuccess && !hasEnded,
    onOpen: () => void queries.invalidateQueries({ queryKey: eventsKey(executionId) }),
    onEvents: take,
    restartOn: executionId,
  })
  return { execution, events, live }
}
