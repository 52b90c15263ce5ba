import type { RecordedOperation } from './run-operations.ts'

/** What is on record, as lines: who did what by which service, how it ended, and what was found out. */
export function drawOperations(recorded: readonly RecordedOperation[]): readonly string[] {
  const rows = recorded.map((row) => [
    marks[row.result] ?? ' ',
    row.operation_type,
    row.source,
    row.operator ?? '',
    row.message ?? JSON.stringify(row.extra_info),
  ])
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

const marks: Readonly<Record<string, string>> = { success: '✓', warning: '!', failure: '✗' }
