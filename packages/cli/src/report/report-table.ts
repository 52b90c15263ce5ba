import type { MadeReport, ReportColumn } from '@steptrail/core'
import { type Column, drawTable } from '../terminal/table.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { cellLines, changeText } from './report-cell.ts'
import { versionsTable } from './versions-table.ts'

/** Columns, and of each row the lines of its cells. */
export interface ReportTable {
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly (readonly string[])[])[]
}

/** What a report tells, of when, and its table, in lines that fit the terminal as far as they can. */
export function drawReport(made: MadeReport, terminal: Terminal): readonly string[] {
  const { report, about, window, rows } = made
  const head = [about, terminal.paint('dim', `${minute(window.since)} to ${minute(window.until)} UTC`), '']
  if (rows.length === 0) return [...head, 'Nothing to report in this time; --since goes further back.']
  const table = report === 'versions' ? versionsTable(rows) : tableOf(made)
  return [...head, ...drawTable(table.columns, table.rows.flatMap(linesOf), terminal)]
}

const minute = (iso: string): string => iso.slice(0, 16).replace('T', ' ')

function tableOf({ columns, rows }: MadeReport): ReportTable {
  const isOfShares = columns.some(({ kind }) => kind === 'share')
  return {
    columns: columns.map(headed),
    rows: rows.map((row) =>
      columns.map(({ name, kind }) => {
        const value = row[name] ?? null
        return kind === 'change' && typeof value === 'number'
          ? [changeText(value, isOfShares ? 'share' : 'number')]
          : cellLines(value, kind)
      }),
    ),
  }
}

/** A row takes as many lines as the cell that has most. */
const linesOf = (row: readonly (readonly string[])[]) =>
  Array.from({ length: Math.max(1, ...row.map((cell) => cell.length)) }, (_, line) =>
    row.map((cell) => ({ text: cell[line] ?? '' })),
  )

/**
 * Numbers stand to the right. Where there is no room, long texts are cut; where that is not enough, of durations the
 * least goes, the one in the middle, and the greatest, in this order.
 */
const headed = ({ name, kind }: ReportColumn): Column => ({
  title: titleOf(name),
  ...(kind === 'text' || kind === 'list' ? {} : { align: 'right' }),
  ...(name === 'min_duration_ms' && { gives: 6 }),
  ...(name === 'p50_duration_ms' && { gives: 5 }),
  ...(name === 'max_duration_ms' && { gives: 4 }),
  ...(kind === 'list' && { gives: 3, least: 30, wraps: true }),
  ...(name === 'workflow_name' && { gives: 2, least: 10 }),
  ...(kind === 'text' && name !== 'workflow_name' && { gives: 1, least: 9 }),
})

/** `p95_duration_ms` is `p95`, `execution_count` is `executions`, `chosen_count` is `chosen`. */
const titleOf = (name: string): string =>
  (titles[name] ?? name)
    .replace(/_duration_ms$/, '')
    .replace(/_(?:ms|seconds|type|name)$/, '')
    .replace(/(?<=e[dn])_count$/, '')
    .replace(/y_count$/, 'ies')
    .replace(/_count$/, 's')
    .replaceAll('_', ' ')

/** Names that the printed queries and their callers know, where a head has another for people. */
const titles: Readonly<Record<string, string>> = {
  total_executions: 'executions',
  total_retries: 'retries',
  successful_after_retry: 'succeeded',
  retry_success_rate_pct: 'success rate',
  period_start: 'from (UTC)',
  last_offered_at: 'last offered (UTC)',
  operation_type: 'operation',
}
