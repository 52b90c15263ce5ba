import type { Report } from '@steptrail/client'
import { cellText, numberOfCell } from '../cell-text.ts'
import { barRowHeight, ChartRows } from './chart-rows.tsx'
import type { SpreadChartSpec } from './chart-spec.ts'
import { nameOfRow } from './chart-specs.ts'
import classes from './charts.module.css'

interface Spread {
  readonly name: string
  readonly isUndo: boolean
  readonly least: number
  readonly median: number
  readonly most95: number
  readonly most: number
  readonly mean: number
}

/** For each row a line from the least to the most, a bar to where 95 per cent lie, a mark at the median. */
export function SpreadChart({
  rows,
  spec,
}: {
  readonly rows: Report['rows']
  readonly spec: SpreadChartSpec
}) {
  const spreads = rows.map((row) => spreadOf(row, spec.names))
  return (
    <ChartRows
      kind={spec.kind}
      most={Math.max(1, ...spreads.map(({ most }) => most))}
      rows={spreads.map((spread, index) => ({
        key: `${index} ${spread.name}`,
        name: spread.name,
        words: wordsOf(spread, spec.kind),
        number: cellText(spread.mean, spec.kind),
        draw: (x) => <SpreadMark spread={spread} x={x} />,
      }))}
    />
  )
}

function spreadOf(row: Report['rows'][number], names: readonly string[]): Spread {
  const of = (name: string): number => numberOfCell(row[`${name}_duration_ms`]) ?? 0
  return {
    name: nameOfRow(row, names),
    isUndo: row['operation_type'] === 'UNDO',
    least: of('min'),
    median: of('p50'),
    most95: of('p95'),
    most: of('max'),
    mean: of('avg'),
  }
}

const wordsOf = ({ name, least, median, most95, most, mean }: Spread, kind: string): string =>
  [
    name,
    ...Object.entries({ least, median, '95 per cent below': most95, most, mean }).map(
      ([word, value]) => `${word}: ${cellText(value, kind)}`,
    ),
  ].join('\n')

function SpreadMark({ spread, x }: { readonly spread: Spread; readonly x: (value: number) => number }) {
  const middle = barRowHeight / 2
  const { least, median, most95, most } = spread
  return (
    <g data-tone={spread.isUndo ? 'undo' : 'good'}>
      <line x1={x(least)} x2={x(most)} y1={middle} y2={middle} className={classes['whisker']} />
      <line x1={x(most)} x2={x(most)} y1={middle - 4} y2={middle + 4} className={classes['whisker']} />
      <rect
        x={x(least)}
        width={Math.max(1, x(most95) - x(least))}
        y={6}
        height={barRowHeight - 12}
        className={classes['spread']}
      />
      <rect
        x={Math.max(0, x(median) - 1.5)}
        width={3}
        y={4}
        height={barRowHeight - 8}
        className={classes['bar']}
      />
    </g>
  )
}
