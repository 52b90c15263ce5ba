import type { Client, Execution } from '@steptrail/client'
import { useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query'
import { useCallback, useEffect } from 'react'
import { useConnection } from '../connection/connection.tsx'
import { codeOf } from '../connection/failure-code.ts'
import { type FollowState, useFollow } from '../connection/use-follow.ts'
import { useReadAgain } from '../connection/use-read-again.ts'
import { readTimeline } from './read-timeline.ts'
import type { TimelineRequest } from './read-timeline-worker.ts'
import { isUnderWay, lacksItsEnd, type StoryEvent, withEvents } from './story.ts'

/** The events of an execution, as far as they are read. */
export interface EventsRead {
  readonly events: readonly StoryEvent[]
  /** Whether these are all; else the first, while the rest is read. */
  readonly isWhole: boolean
}

/** What is read of one execution, and whether it is followed. */
export interface StoryQueries {
  /** Null data: nothing is kept of it beside its events. */
  readonly execution: UseQueryResult<Execution | null>
  /** Whether it was there when it was read, and is there no more. */
  readonly isGone: boolean
  readonly events: UseQueryResult<EventsRead>
  readonly live: FollowState
}

/** The name under which an execution is kept. */
export const executionKey = (executionId: string) => ['execution', executionId] as const
/** The name under which its events are kept. */
export const eventsKey = (executionId: string) => ['execution-events', executionId] as const

/** Codes that say that there is no row with this id. */
const noRow: ReadonlySet<string> = new Set(['execution_not_found', 'invalid_filter', 'invalid_input'])

/** Reads an execution and its events, and follows what comes while it has not ended. */
export function useStory(executionId: string): StoryQueries {
  const { client, url, apiKey } = useConnection()
  const queries = useQueryClient()
  const readAgain = useReadAgain()
  const execution = useQuery({
    queryKey: executionKey(executionId),
    queryFn: async ({ signal }) => {
      try {
        return await client.executions.get(executionId, { signal })
      } catch (error) {
        // What was there and is gone stays in sight, and is said to be gone.
        const known = queries.getQueryData<Execution | null>(executionKey(executionId)) ?? null
        if (noRow.has(codeOf(error)) && known === null) return null
        throw error
      }
    },
  })
  const events = useQuery({
    queryKey: eventsKey(executionId),
    queryFn: async ({ signal }) => {
      const read = await readEvents({
        client,
        place: { url, apiKey, executionId },
        signal,
        showFirst: (first) =>
          queries.setQueryData(eventsKey(executionId), (known?: EventsRead) => known ?? first),
      })
      // What came over the stream while they were read need not be among them.
      const known = queries.getQueryData<EventsRead>(eventsKey(executionId))
      return known ? { ...read, events: withEvents(read.events, known.events) } : read
    },
    staleTime: 60_000,
    structuralSharing: false,
  })
  const take = useCallback(
    (came: readonly StoryEvent[]) => {
      queries.setQueryData<EventsRead>(eventsKey(executionId), (known) =>
        known ? { ...known, events: withEvents(known.events, came) } : undefined,
      )
      readAgain(executionKey(executionId))
    },
    [queries, readAgain, executionId],
  )
  const read = whole(execution.data, events.data)
  const isGone = execution.isError && noRow.has(codeOf(execution.error))
  const isToFollow = read !== null && !isGone && isUnderWay(read.execution, read.events)
  const isToBeReadAgain = read !== null && lacksItsEnd(read.execution, read.events)
  useEffect(() => {
    if (isToBeReadAgain) readAgain(eventsKey(executionId))
  }, [isToBeReadAgain, readAgain, executionId])
  const live = useFollow({
    filters: { execution_id: executionId },
    isOn: isToFollow,
    readAgain: () => {
      readAgain(executionKey(executionId))
      readAgain(eventsKey(executionId))
    },
    onEvents: take,
    restartOn: executionId,
  })
  return { execution, isGone, events, live }
}

/** Null as long as not all is read. */
const whole = (execution: Execution | null | undefined, events: EventsRead | undefined) =>
  execution !== undefined && events?.isWhole === true ? { execution, events: events.events } : null

interface EventsReading {
  readonly client: Client
  readonly place: TimelineRequest
  readonly signal: AbortSignal
  readonly showFirst: (first: EventsRead) => void
}

const firstEvents = 500

/** All events of an execution. Of a long one the first are shown while the rest is read. */
async function readEvents({ client, place, signal, showFirst }: EventsReading): Promise<EventsRead> {
  const first = await client.events.list(
    { execution_id: place.executionId, order: 'asc', limit: firstEvents },
    { signal },
  )
  if (first.next_cursor === null && first.events.length > 0) return { events: first.events, isWhole: true }
  if (first.events.length > 0) showFirst({ events: first.events, isWhole: false })
  return { events: await readTimeline(place, signal), isWhole: true }
}
