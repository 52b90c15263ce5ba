import { localDay, localTime } from './instant.ts'
import { timeSpanOf } from './time-span.ts'

/** An instant as an input for local times shows it; empty for none. A date alone is its first moment in UTC, or its last. */
export function toLocalInput(iso: string | undefined, edge: 'first' | 'last'): string {
  const span = iso === undefined ? null : timeSpanOf(iso)
  if (span === null) return ''
  const instant = edge === 'first' ? span.fromMs : span.untilMs - 1
  return `${localDay(instant)}T${localTime(instant).slice(0, 8)}`
}

/** What such an input says, in UTC; undefined for nothing. */
export function fromLocalInput(text: string): string | undefined {
  const instant = Date.parse(text)
  return text === '' || Number.isNaN(instant) ? undefined : new Date(instant).toISOString()
}
