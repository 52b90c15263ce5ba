import type { Style, Terminal } from './terminal.ts'
import { cut, padEnd, padStart, printable, widthOf, wrap } from './text.ts'

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
  /** A column that gives way is cut, but to no less than this; only then is one left out. Absent: it is never cut. */
  readonly least?: number
  /** A text that is cut goes on in the lines below instead. */
  readonly wraps?: boolean
}

/** A table that fits the terminal, as far as columns may give way. */
export function drawTable(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  terminal: Terminal,
): readonly string[] {
  const ellipsis = terminal.unicode ? '…' : '...'
  const shown = rows.map((row) => row.map((cell) => ({ ...cell, text: printable(cell.text) })))
  const needed = columns.map((_, index) =>
    Math.max(0, ...shown.map((row) => widthOf(row[index]?.text ?? ''))),
  )
  const heads = headsOf(columns, needed, terminal.width)
  const widths = fit(widthsOf(heads, needed), columns, terminal.width)
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
  return [
    ...heads.map((head) => line(head.map((text) => ({ text, styles: ['dim'] })))),
    ...shown.flatMap((row) => linesOf(row, columns, widths)).map(line),
  ]
}

/** The row, and below it what its texts that wrap have left. */
function linesOf(
  row: readonly Cell[],
  columns: readonly Column[],
  widths: readonly number[],
): readonly (readonly Cell[])[] {
  const cells = row.map((cell, index): readonly Cell[] => {
    const width = widths[index] ?? 0
    return columns[index]?.wraps && width > 0
      ? wrap(cell.text, width).map((text) => ({ ...cell, text }))
      : [cell]
  })
  return Array.from({ length: Math.max(1, ...cells.map((lines) => lines.length)) }, (_, below) =>
    cells.map((lines) => lines[below] ?? { text: '' }),
  )
}

/** The titles, in one line, or in two where that lets the table fit better. */
function headsOf(
  columns: readonly Column[],
  needed: readonly number[],
  room: number,
): readonly (readonly string[])[] {
  const titles = columns.map(({ title }) => title)
  if (spanOf(widthsOf([titles], needed)) <= room) return [titles]
  const folded = titles.map((title, index) => foldedTitle(title, needed[index] ?? 0))
  return folded.some(([, below]) => below !== '')
    ? [folded.map(([top]) => top), folded.map(([, below]) => below)]
    : [titles]
}

/** Whole where the column is as wide anyway, else broken at the space that leaves the longer part shortest. */
function foldedTitle(title: string, needed: number): readonly [string, string] {
  const words = title.split(' ')
  if (widthOf(title) <= needed || words.length === 1) return [title, '']
  const breaks = words
    .slice(1)
    .map((_, index): readonly [string, string] => [
      words.slice(0, index + 1).join(' '),
      words.slice(index + 1).join(' '),
    ])
  const longer = ([top, below]: readonly [string, string]): number => Math.max(widthOf(top), widthOf(below))
  return breaks.reduce((best, each) => (longer(each) < longer(best) ? each : best), breaks[0] ?? [title, ''])
}

const widthsOf = (heads: readonly (readonly string[])[], needed: readonly number[]): readonly number[] =>
  needed.map((width, index) => Math.max(width, ...heads.map((head) => widthOf(head[index] ?? ''))))

/** How wide columns are together, with what is between them; those that are left out take nothing. */
function spanOf(widths: readonly number[]): number {
  const taken = widths.filter((width) => width > 0)
  return taken.reduce((sum, width) => sum + width, 0) + 2 * (taken.length - 1)
}

/** The width of each column; 0 for one that is left out: as few as can be, once cutting does not help. */
function fit(widths: readonly number[], columns: readonly Column[], room: number): readonly number[] {
  const order = columns
    .map(({ gives = 0, least = Infinity }, index) => ({ gives, least, index }))
    .filter(({ gives }) => gives > 0)
    .toSorted((a, b) => b.gives - a.gives)
  const fitted = [...widths]
  for (const [dropped, { index }] of order.entries()) {
    const cutTo = cutInTurn(fitted, order.slice(dropped), room)
    if (spanOf(cutTo) <= room) return cutTo
    fitted[index] = 0
  }
  return fitted
}

function cutInTurn(
  widths: readonly number[],
  order: readonly { readonly least: number; readonly index: number }[],
  room: number,
): readonly number[] {
  const fitted = [...widths]
  for (const { index, least } of order) {
    const width = fitted[index] ?? 0
    fitted[index] = Math.min(width, Math.max(least, width - Math.max(0, spanOf(fitted) - room)))
  }
  return fitted
}
