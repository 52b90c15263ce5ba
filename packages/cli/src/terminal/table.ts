import type { Style, Terminal } from './terminal.ts'
import { cut, padEnd, padStart, printable, widthOf } from './text.ts'

/** One cell, unstyled, and how to paint it. */
export interface Cell {
  readonly text: string
  readonly styles?: readonly Style[]
}

/** One column of a table. */
export interface Column {
  readonly title: string
  readonly align?: 'left' | 'right'
  /** Where the table is too wide, columns give way in the order of this number, the highest first; without it, never. */
  readonly gives?: number
  /** A column that gives way is cut, but to no less than this; else it is left out. Absent: it is never cut. */
  readonly least?: number
}

/** A table that fits the terminal, as far as columns may give way. */
export function drawTable(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  terminal: Terminal,
): readonly string[] {
  const ellipsis = terminal.unicode ? '…' : '...'
  const shown = rows.map((row) => row.map((cell) => ({ ...cell, text: printable(cell.text) })))
  const widths = fit(
    columns.map((column, index) =>
      Math.max(widthOf(column.title), ...shown.map((row) => widthOf(row[index]?.text ?? ''))),
    ),
    columns,
    terminal.width,
  )
  const line = (cells: readonly Cell[]): string =>
    columns
      .flatMap(({ align }, index) => {
        const width = widths[index] ?? 0
        if (width === 0) return []
        const { text = '', styles = [] } = cells[index] ?? {}
        const painted = terminal.paint(styles, cut(text, width, ellipsis))
        return [align === 'right' ? padStart(painted, width) : padEnd(painted, width)]
      })
      .join('  ')
      .trimEnd()
  return [line(columns.map(({ title }) => ({ text: title, styles: ['dim'] }))), ...shown.map(line)]
}

/** The width of each column; 0 for one that is left out. */
function fit(widths: readonly number[], columns: readonly Column[], room: number): readonly number[] {
  const fitted = [...widths]
  const order = columns
    .map(({ gives = 0, least = Infinity }, index) => ({ gives, least, index }))
    .filter(({ gives }) => gives > 0)
    .toSorted((a, b) => b.gives - a.gives)
  for (const { index, least } of order) {
    const taken = fitted.filter((width) => width > 0)
    const excess = taken.reduce((sum, width) => sum + width, 0) + 2 * (taken.length - 1) - room
    if (excess <= 0) break
    const width = (fitted[index] ?? 0) - excess
    fitted[index] = width >= least ? width : 0
  }
  return fitted
}
