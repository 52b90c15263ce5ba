import type { ReportColumnKind, ReportRow } from '@steptrail/core'
import { cellLines, changeText } from './report-cell.ts'
import type { ReportTable } from './report-table.ts'

/** The two versions, which every row names, at the heads of what was measured, and each measure in its unit. */
export function versionsTable(rows: readonly ReportRow[]): ReportTable {
  const version = (name: string): string => textOf(rows[0]?.[name])
  return {
    columns: [
      { title: 'measure', gives: 1, least: 9 },
      { title: 'step', gives: 2, least: 9 },
      { title: version('from_version'), align: 'right' },
      { title: version('to_version'), align: 'right' },
      { title: 'change', align: 'right' },
    ],
    rows: rows.map((row) => {
      const measure = textOf(row['measure'])
      const kind = kindOf(measure)
      const { change } = row
      return [
        [measure.replace(/_ms$/, '').replaceAll('_', ' ')],
        cellLines(row['step'], 'text'),
        cellLines(row['from_value'], kind),
        cellLines(row['to_value'], kind),
        [typeof change === 'number' ? changeText(change, kind) : ''],
      ]
    }),
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

function kindOf(measure: string): ReportColumnKind {
  if (measure.endsWith('_ms')) return 'milliseconds'
  if (measure.endsWith('_count')) return 'count'
  return measure === 'success_rate' || measure === 'avg_effectiveness' ? 'share' : 'number'
}
