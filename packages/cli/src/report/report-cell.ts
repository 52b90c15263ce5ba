import type { ReportColumnKind } from '@steptrail/core'
import { formatDuration } from '@steptrail/workflow/timeline'

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const few = new Intl.NumberFormat('en', { maximumFractionDigits: 2 })
const hundredths = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 })

/** A value of a report as people read it, in lines: an element of a list takes one. */
export function cellLines(value: unknown, kind: ReportColumnKind): readonly string[] {
  if (value === null || value === undefined) return ['']
  if (typeof value === 'number') return [numberText(value, kind)]
  if (Array.isArray(value)) return value.map(partText)
  if (kind === 'time') return [plainText(value).slice(0, 16).replace('T', ' ')]
  return [plainText(value)]
}

/** A difference between two values of a kind, with its sign; that of two shares is in percentage points. */
export function changeText(change: number, kind: ReportColumnKind): string {
  const sign = change > 0 ? '+' : change < 0 ? '-' : ''
  const size = Math.abs(change)
  if (kind === 'share') return `${sign}${hundredths.format(size * 100)} pp`
  return `${sign}${numberText(size, kind)}`
}

function numberText(value: number, kind: ReportColumnKind): string {
  switch (kind) {
    case 'count':
      return whole.format(value)
    case 'milliseconds':
      return formatDuration(value)
    case 'seconds':
      return formatDuration(value * 1_000)
    case 'share':
      return `${hundredths.format(value * 100)} %`
    case 'percent':
      return `${hundredths.format(value)} %`
    default:
      return few.format(value)
  }
}

/** An element of a list: a text, or what occurred and how often. */
function partText(part: unknown): string {
  if (typeof part !== 'object' || part === null) return plainText(part)
  const { pattern, count } = part as { readonly pattern?: unknown; readonly count?: unknown }
  return typeof count === 'number' ? `${whole.format(count)} × ${plainText(pattern)}` : plainText(pattern)
}

const plainText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))
