import { withinInstants } from '@steptrail/event'
import { z } from 'zod'

const dayMs = 86_400_000

const date = z.iso.date()
const instant = z.iso.datetime({ offset: true, local: true })

/** A span of instants in milliseconds since 1970, closed below and open above. */
export interface TimeSpan {
  readonly fromMs: number
  readonly untilMs: number
}

/**
 * The instants that an ISO-8601 text means: one millisecond, or a whole day when it is a date alone. Without an
 * offset it is UTC, and no further than the years 1 to 9999. Null when it is neither, or no date that exists.
 */
export function parseTimeSpan(text: string): TimeSpan | null {
  if (date.safeParse(text).success) {
    const fromMs = Date.parse(`${text}T00:00:00Z`)
    return spanOf(fromMs, fromMs + dayMs)
  }
  if (!instant.safeParse(text).success) return null
  const fromMs = Date.parse(/(?:Z|[+-]\d{2}:\d{2})$/.test(text) ? text : `${text}Z`)
  return spanOf(fromMs, fromMs + 1)
}

/** What lies out of the years that a trail can name ends with these: nothing on record is out of them. */
const spanOf = (fromMs: number, untilMs: number): TimeSpan => ({
  fromMs: withinInstants(fromMs),
  untilMs: withinInstants(untilMs),
})

/** An id before every event of that time and later, after every earlier one. No event has it: it is of no version. */
export function firstIdAt(ms: number): string {
  const hex = Math.max(0, ms).toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`
}
