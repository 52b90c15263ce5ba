/** What ended on one day. */
export interface DayCount {
  /** The beginning of the day, in milliseconds since 1970. */
  readonly from: number
  readonly to: number
  readonly ended: number
  readonly failed: number
}

const dayMs = 86_400_000

/** The last so many days in UTC, the earliest first; each ends where the next begins. */
export function lastDays(
  count: number,
  now: number,
): readonly { readonly from: number; readonly to: number }[] {
  const today = Math.floor(now / dayMs) * dayMs
  return Array.from({ length: count }, (_, index) => {
    const from = today - (count - 1 - index) * dayMs
    return { from, to: from + dayMs }
  })
}

/** The bar of a day, in shares of its height. */
export interface DayBar {
  readonly day: DayCount
  /** Of what did not fail, above what did. */
  readonly well: { readonly y: number; readonly height: number }
  readonly failed: { readonly y: number; readonly height: number }
}

/** A bar for each day, the highest as high as the chart; what failed stands at the ground. */
export function layoutDays(days: readonly DayCount[]): readonly DayBar[] {
  const most = Math.max(1, ...days.map(({ ended, failed }) => Math.max(ended, failed)))
  return days.map((day) => {
    const failedHeight = day.failed / most
    const wellHeight = Math.max(0, day.ended - day.failed) / most
    return {
      day,
      failed: { y: 1 - failedHeight, height: failedHeight },
      well: { y: 1 - failedHeight - wellHeight, height: wellHeight },
    }
  })
}
