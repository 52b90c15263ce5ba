import type { ReportColumnKind } from '@steptrail/core'
import { formatDuration } from '@steptrail/workflow/timeline'
import type { Cell } from '../terminal/table.ts'

/** A value of a report as a cell of a table. */
export function reportCell(value: unknown, kind: ReportColumnKind): Cell {
  if (value === null) return { text: '' }
  if (typeof value === 'number') return { text: numberText(value, kind) }
  if (Array.isArray(value)) return { text: value.map(partText).join('; ') }
  if (kind === 'time') return { text: plainText(value).slice(0, 16).replace('T', ' ') }
  return { text: plainText(value) }
}

function numberText(value: number, kind: ReportColumnKind): string {
  switch (kind) {
    case 'milliseconds':
      return formatDuration(value)
    case 'seconds':
      return formatDuration(value * 1_000)
    case 'share':
      return value.toFixed(3)
    case 'percent':
      return `${value.toFixed(1)} %`
    case 'change':
      return `${value > 0 ? '+' : ''}${rounded(value)}`
    case 'number':
      return String(rounded(value))
    default:
      return String(value)
  }
}

/** An element of a list: a text, or what occurred and how often. */
function partText(part: unknown): string {
  if (typeof part !== 'object' || part === null) return plainText(part)
  const { pattern, count } = part as { readonly pattern?: unknown; readonly count?: unknown }
  return `${plainText(pattern)} (${plainText(count)})`
}

const plainText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

const rounded = (value: number): number => Math.round(value * 1_000) / 1_000
