import type { Event } from '@steptrail/client'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useMemo, useRef, useState } from 'react'
import { useConnection } from '../connection/connection.tsx'
import { useFollow } from '../connection/use-follow.ts'
import { useReadAgain } from '../connection/use-read-again.ts'
import { hasEnded } from '../time/time-span.ts'
import type { EventFilters, Refresh } from './events-search.ts'
import { isWithin, withTail } from './live-tail.ts'

const perPage = 200
const refreshMs = 30_000
/** Events that came live and are kept at most. */
const mostTail = 5_000
/** After so many the list is read again, long before one of them has no room: it would be missing below the others. */
const readAgainAfter = mostTail / 2

/** The events that match, the newest first, page after page; kept up to date as told. */
export function useEvents(filters: EventFilters, refresh: Refresh) {
  const { client, now } = useConnection()
  const readAgain = useReadAgain()
  const isSearch = filters.q !== undefined
  const queryKey = useMemo(() => ['events', filters] as const, [filters])
  const list = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) =>
      client.events.list(
        {
          ...filters,
          limit: perPage,
          ...(pageParam === undefined ? { include_total: !isSearch } : { cursor: pageParam }),
        },
        { signal },
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: refresh === '30s' ? refreshMs : false,
    refetchOnWindowFocus: false,
    structuralSharing: false,
  })
  const [tail, setTail] = useState<{ readonly of: unknown; readonly events: readonly Event[] }>({
    of: null,
    events: [],
  })
  const unread = useRef(0)
  const { start_date: _, end_date: __, ...followed } = filters
  const live = useFollow({
    filters: followed,
    isOn: refresh === 'live' && !hasEnded(filters.end_date, now()) && list.data !== undefined,
    readAgain: () => readAgain(queryKey),
    onEvents: (came) => {
      unread.current += came.length
      if (unread.current > readAgainAfter) {
        unread.current = 0
        readAgain(queryKey)
      }
      setTail(({ of, events }) => ({
        of: queryKey,
        events: [...came.toReversed(), ...(of === queryKey ? events : [])].slice(0, mostTail),
      }))
    },
    restartOn: JSON.stringify(filters),
  })
  const listed = useMemo(() => list.data?.pages.flatMap((page) => page.events) ?? [], [list.data])
  const window = list.data?.pages[0]?.window
  const came = useMemo(
    () => (tail.of === queryKey && window ? tail.events.filter(isWithin(window)) : none),
    [tail, queryKey, window],
  )
  const isWhole = list.data !== undefined && !list.hasNextPage
  const events = useMemo(() => withTail({ came, listed, isWhole }), [came, listed, isWhole])
  // The server counts a moment after it has listed, and of a search nothing: a list that is whole says it itself.
  const total = isWhole ? listed.length : list.data?.pages[0]?.total
  return {
    list,
    live,
    events,
    /** How many match, those included that came meanwhile. */
    total: total === undefined ? undefined : total + events.length - listed.length,
    window,
  }
}

const none: readonly Event[] = []
