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
  /** The column with the highest number is cut first; one without a number is never cut. */
  readonly gives?: number
}

/**
 * A table that fits the terminal. Where it is too wide, columns give way down to a few characters, those first
 * that `gives` ranks highest.
 */
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
      .map(({ align }, index) => {
        const { text = '', styles = [] } = cells[index] ?? {}
        const width = widths[index] ?? 0
        const fitted = cut(text, width, ellipsis)
        const painted = terminal.paint(styles, fitted)
        return align === 'right' ? padStart(painted, width) : padEnd(painted, width)
      })
      .join('  ')
      .trimEnd()
  return [line(columns.map(({ title }) => ({ text: title, styles: ['dim'] }))), ...shown.map(line)]
}

const narrowest = 6

function fit(widths: readonly number[], columns: readonly Column[], room: number): readonly number[] {
  const fitted = [...widths]
  const order = columns
    .map(({ gives = 0 }, index) => ({ gives, index }))
    .filter(({ gives }) => gives > 0)
    .toSorted((a, b) => b.gives - a.gives)
  for (const { index } of order) {
    const excess = fitted.reduce((sum, width) => sum + width, 0) + 2 * (columns.length - 1) - room
    const width = fitted[index] ?? 0
    if (excess > 0) fitted[index] = Math.max(Math.min(width, narrowest), width - excess)
  }
  return fitted
}
