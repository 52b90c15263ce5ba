import type { TimeSpan } from '../../time/time-span.ts'

/** How time may be divided, in UTC; the words of the API. */
export const reportPeriods = ['hour', 'day', 'week', 'month'] as const
export type ReportPeriod = (typeof reportPeriods)[number]

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** The beginning of the period that an instant lies in, in UTC: weeks begin on Mondays. */
export function periodStart(instant: number, period: ReportPeriod): number {
  const at = new Date(instant)
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()]
  switch (period) {
    case 'hour':
      return Math.floor(instant / hourMs) * hourMs
    case 'day':
      return Date.UTC(year, month, day)
    case 'week':
      return Date.UTC(year, month, day - ((at.getUTCDay() + 6) % 7))
    case 'month':
      return Date.UTC(year, month, 1)
  }
}

const mostPeriods = 1_000

/** The beginnings of all periods that a window touches, the earliest first; of very many the last thousand. */
export function periodsBetween(
  { since, until }: { readonly since: string; readonly until: string },
  period: ReportPeriod,
): readonly number[] {
  const first = periodStart(Date.parse(since), period)
  const starts: number[] = []
  let at = periodStart(Date.parse(until) - 1, period)
  while (at >= first && starts.length < mostPeriods) {
    starts.push(at)
    at = periodStart(at - 1, period)
  }
  return starts.toReversed()
}

/** A period that divides a window into few enough parts to be seen. */
export function fittingPeriod({ fromMs, untilMs }: TimeSpan): ReportPeriod {
  const days = (untilMs - fromMs) / dayMs
  if (days <= 3) return 'hour'
  return days <= 120 ? 'day' : days <= 730 ? 'week' : 'month'
}
