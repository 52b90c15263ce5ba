import type { Report, ReportList } from '@steptrail/client'
import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import { useConnection } from '../connection/connection.tsx'
import { timeSpanOf } from '../time/time-span.ts'
import { fittingPeriod } from './charts/periods.ts'
import { askedOf, type ReportSearch } from './report-search.ts'

/** A report as the list of reports tells of it. */
export type ReportInfo = ReportList['reports'][number]

/** What reports there are. */
export function useReports(): UseQueryResult<ReportList> {
  const { client } = useConnection()
  return useQuery({
    queryKey: ['reports'],
    queryFn: ({ signal }) => client.analytics.list({ signal }),
    staleTime: Infinity,
  })
}

/** One report, as it was asked for; null while something that it needs is not given. */
export function useReport(info: ReportInfo, search: ReportSearch): UseQueryResult<Report> | null {
  const { client, now } = useConnection()
  const asked = completed(info, search, now())
  const isAskable = info.requires.every((name) => asked[name as keyof ReportSearch] !== undefined)
  const query = useQuery({
    queryKey: ['report', info.report, asked],
    queryFn: ({ signal }) => client.analytics.report(info.report, asked, { signal }),
    enabled: isAskable,
    placeholderData: (shown) => (shown?.report === info.report ? shown : undefined),
  })
  return isAskable ? query : null
}

const dayMs = 86_400_000

/** What is asked: of a report over time in periods that its window is seen by. */
export function completed(
  { takes, window_days }: ReportInfo,
  search: ReportSearch,
  nowMs: number,
): ReportSearch {
  const asked = askedOf(search, takes)
  if (!takes.includes('period') || asked.period !== undefined) return asked
  // A time that is none the server refuses, with whatever period.
  const untilMs = timeSpanOf(asked.until ?? '')?.untilMs ?? nowMs
  const fromMs = timeSpanOf(asked.since ?? '')?.fromMs ?? untilMs - window_days * dayMs
  return { ...asked, period: fittingPeriod({ fromMs, untilMs }) }
}
