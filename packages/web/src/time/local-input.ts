import { localDay, localTime } from './instant.ts'

/** An instant as an input for local times shows it; empty for none. A date alone is its first moment in UTC, or its last. */
export function toLocalInput(iso: string | undefined, edge: 'first' | 'last'): string {
  if (iso === undefined) return ''
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(iso)
  const instant = Date.parse(isDay && edge === 'last' ? `${iso}T23:59:59.999Z` : iso)
  return Number.isNaN(instant) ? '' : `${localDay(instant)}T${localTime(instant).slice(0, 8)}`
}

/** What such an input says, in UTC; undefined for nothing. */
export function fromLocalInput(text: string): string | undefined {
  const instant = Date.parse(text)
  return text === '' || Number.isNaN(instant) ? undefined : new Date(instant).toISOString()
}
