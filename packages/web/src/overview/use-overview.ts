import { readinessSchema, type Readiness } from '@steptrail/client/messages'
import type { Client, ExecutionList } from '@steptrail/client'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { ExecutionState } from '@steptrail/workflow/states'
import { useConnection } from '../connection/connection.tsx'
import { useFollow } from '../connection/use-follow.ts'
import { type DayCount, lastDays } from './day-counts.ts'

type Summary = ExecutionList['executions'][number]

/** Some executions in one state, and whether there are more. */
export interface StateGroup {
  readonly executions: readonly Summary[]
  readonly hasMore: boolean
}

/** States that the page tells of: those that wait for a person, those under way, and those that went wrong. */
export const watchedStates = [
  'blocked',
  'rollback_failed',
  'paused',
  'running',
  'rolling_back',
  'failed',
] as const
export type WatchedState = (typeof watchedStates)[number]

const groupSize = 50
const dayCount = 7

/** What the overview shows, read again whenever an execution moves. */
export function useOverview() {
  const { client, url } = useConnection()
  const queries = useQueryClient()
  const groups = useQuery({
    queryKey: ['overview', 'groups'],
    queryFn: ({ signal }) => readGroups(client, signal),
  })
  const days = useQuery({
    queryKey: ['overview', 'days'],
    queryFn: ({ signal }) => readDays(client, signal),
    staleTime: 30_000,
    refetchInterval: 60_000,
  })
  const readiness = useQuery({
    queryKey: ['overview', 'readiness'],
    queryFn: ({ signal }) => readReadiness(url, signal),
    refetchInterval: 15_000,
  })
  const live = useFollow({
    filters: { entity_type: 'ORCHESTRATION' },
    isOn: groups.isSuccess,
    onEvents: () => void queries.invalidateQueries({ queryKey: ['overview', 'groups'] }),
    restartOn: '',
  })
  return { groups, days, readiness, live }
}

async function readGroups(
  client: Client,
  signal: AbortSignal,
): Promise<Readonly<Record<WatchedState, StateGroup>>> {
  const read = async (status: ExecutionState) => {
    const { executions, next_cursor } = await client.executions.list({ status, limit: groupSize }, { signal })
    return [status, { executions, hasMore: next_cursor !== null }] as const
  }
  const groups = await Promise.all(watchedStates.map(read))
  return Object.fromEntries(groups) as unknown as Readonly<Record<WatchedState, StateGroup>>
}

async function readDays(client: Client, signal: AbortSignal): Promise<readonly DayCount[]> {
  const count = async (eventType: string, { from, to }: { readonly from: number; readonly to: number }) => {
    const asked = {
      event_type: eventType,
      start_date: new Date(from).toISOString(),
      end_date: new Date(to - 1).toISOString(),
      include_total: true,
      limit: 1,
    }
    return (await client.events.list(asked, { signal })).total ?? 0
  }
  return await Promise.all(
    lastDays(dayCount, Date.now()).map(async (day) => ({
      ...day,
      started: await count('ORCHESTRATION_STARTED', day),
      failed: await count('ORCHESTRATION_FAILED', day),
    })),
  )
}

/** A server that is not ready answers so as well, and says why. */
async function readReadiness(url: string, signal: AbortSignal): Promise<Readiness> {
  const response = await fetch(`${url}/readyz`, { signal })
  return readinessSchema.parse(await response.json())
}
