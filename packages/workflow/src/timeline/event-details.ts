import type { TimelineEvent } from './timeline-event.ts'

/** A text of the event's `details`; null when it has none of this name, or it is no text. */
export function detailText(event: Pick<TimelineEvent, 'details'>, name: string): string | null {
  const value: unknown = event.details?.[name]
  return typeof value === 'string' ? value : null
}

/** A number of the event's `details`; null when it has none of this name, or it is no number. */
export function detailNumber(event: TimelineEvent, name: string): number | null {
  const value: unknown = event.details?.[name]
  return typeof value === 'number' ? value : null
}

/** An instant of the event's `details`, in milliseconds since 1970; null when there is none. */
export function detailInstant(event: TimelineEvent, name: string): number | null {
  const instant = Date.parse(detailText(event, name) ?? '')
  return Number.isNaN(instant) ? null : instant
}
