import { formatDuration } from '@steptrail/workflow/timeline'
import { localDay, localTime } from '../time/instant.ts'

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const few = new Intl.NumberFormat('en', { maximumFractionDigits: 2 })
const percent = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 })

/** A share from 0 to 1 as per cent. */
const shareText = (share: number): string => percent.format(share)

/** A number of a column as text, by the column's kind; a dash for what is not known. */
export function numberText(value: number | null, kind: string): string {
  if (value === null) return '–'
  switch (kind) {
    case 'count':
      return whole.format(value)
    case 'milliseconds':
      return formatDuration(value)
    case 'seconds':
      return formatDuration(value * 1000)
    case 'share':
      return shareText(value)
    case 'percent':
      return shareText(value / 100)
    case 'change':
      return `${value > 0 ? '+' : ''}${few.format(value)}`
    default:
      return few.format(value)
  }
}

/** A cell as text, by the kind of its column. */
export function cellText(value: unknown, kind: string): string {
  if (value === null || value === undefined) return '–'
  if (typeof value === 'number') return numberText(value, kind)
  if (kind === 'time' && typeof value === 'string') return timeText(value)
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** A time of day in the reader's zone, to the minute. */
function timeText(iso: string): string {
  const instant = Date.parse(iso)
  return Number.isNaN(instant) ? iso : `${localDay(instant)} ${localTime(instant).slice(0, 5)}`
}

/** A period's beginning: of an hour in the reader's zone; of what is longer the day alone, as days are those of UTC. */
export const periodText = (iso: string, period: string | undefined): string =>
  period === 'hour' ? timeText(iso) : iso.slice(0, 10)

/** A number of a row; null for what is none. */
export const numberOfCell = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null
