import type { Client, ExecutionList, Report } from '@steptrail/client'
import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import type { ExecutionState } from '@steptrail/workflow/states'
import { useCallback } from 'react'
import { useConnection } from '../connection/connection.tsx'
import { useFollow } from '../connection/use-follow.ts'
import { useReadAgain } from '../connection/use-read-again.ts'
import { type DayCount, lastDays } from './day-counts.ts'
import { useReadiness } from './use-readiness.ts'

type Summary = ExecutionList['executions'][number]

/** Some executions in one state, and whether there are more. */
export interface StateGroup {
  readonly executions: readonly Summary[]
  readonly hasMore: boolean
}

/** States that the page tells of: those that wait for a person, those under way, and those that went wrong. */
const watchedStates = ['blocked', 'rollback_failed', 'paused', 'running', 'rolling_back', 'failed'] as const
export type WatchedState = (typeof watchedStates)[number]

const groupSize = 50
const dayCount = 14
const figureDays = 7
const figureCount = 5

/** What the overview shows, read again whenever an execution moves. */
export function useOverview() {
  const { client, serverTime } = useConnection()
  const readAgain = useReadAgain()
  const groups = useQuery({
    queryKey: ['overview', 'groups'],
    queryFn: ({ signal }) => readGroups(client, signal),
  })
  const days = useQuery({
    queryKey: ['overview', 'days'],
    queryFn: async ({ signal }) => readDays(client, await serverTime(signal), signal),
    staleTime: 30_000,
    refetchInterval: 60_000,
  })
  const slow = useFigures('slow-steps')
  const leastEffective = useSuccesses(byEffectiveness)
  const slowest = useSuccesses(byDuration)
  const failing = useFigures('failing-workflows')
  const readiness = useReadiness()
  const readGroupsAgain = (): void => readAgain(['overview', 'groups'])
  const live = useFollow({
    filters: { entity_type: 'ORCHESTRATION' },
    isOn: groups.data !== undefined,
    readAgain: readGroupsAgain,
    onEvents: readGroupsAgain,
    restartOn: '',
  })
  return { groups, days, slow, slowest, leastEffective, failing, readiness, live }
}

/** The first rows of a report; read again every now and then, since it takes the database more than a list does. */
function useFigures(report: string): UseQueryResult<Report> {
  const { client } = useConnection()
  return useQuery({
    queryKey: ['overview', report],
    queryFn: ({ signal }) => client.analytics.report(report, { limit: figureCount }, { signal }),
    staleTime: 60_000,
    refetchInterval: 120_000,
  })
}

type Row = Report['rows'][number]
type Comparing = (a: Row, b: Row) => number

/** Reports begin with what went best, so that the whole of it is asked for: as many workflows as one may have. */
const allWorkflows = 1_000

/** The workflows that come first in an order of the page's, by the executions that succeeded in the last days. */
function useSuccesses(compare: Comparing): UseQueryResult<Report> {
  const { client, serverTime } = useConnection()
  return useQuery({
    queryKey: ['overview', 'successes'],
    queryFn: async ({ signal }) => {
      const since = new Date((await serverTime(signal)) - figureDays * 86_400_000).toISOString()
      return await client.analytics.report('effective-workflows', { since, limit: allWorkflows }, { signal })
    },
    select: useCallback(
      (report: Report) => ({ ...report, rows: report.rows.toSorted(compare).slice(0, figureCount) }),
      [compare],
    ),
    staleTime: 60_000,
    refetchInterval: 120_000,
  })
}

const byEffectiveness: Comparing = (a, b) =>
  Number(a['avg_effectiveness'] ?? 1) - Number(b['avg_effectiveness'] ?? 1)
const byDuration: Comparing = (a, b) =>
  Number(b['avg_duration_seconds'] ?? 0) - Number(a['avg_duration_seconds'] ?? 0)

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

/** Each of the last days, of those on which nothing ended too. Days are those of UTC, as the report has them. */
async function readDays(client: Client, now: number, signal: AbortSignal): Promise<readonly DayCount[]> {
  const days = lastDays(dayCount, now)
  const since = new Date(days[0]?.from ?? 0).toISOString()
  const { rows } = await client.analytics.report('failure-rate', { since, period: 'day' }, { signal })
  const rowOf = new Map(rows.map((row) => [Date.parse(String(row['period_start'])), row]))
  return days.map((day) => ({
    ...day,
    ended: Number(rowOf.get(day.from)?.['execution_count'] ?? 0),
    failed: Number(rowOf.get(day.from)?.['failure_count'] ?? 0),
  }))
}
