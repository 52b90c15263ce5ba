import type { Report } from '@steptrail/client'
import { numberText } from '../cell-text.ts'
import { barRowHeight, ChartRows } from './chart-rows.tsx'
import type { PairChartSpec } from './chart-spec.ts'
import { nameOfRow } from './chart-specs.ts'
import classes from './charts.module.css'

interface Pair {
  readonly name: string
  readonly from: number
  readonly to: number
}

/** For each row a ring at what a number was, and a dot at what it became. */
export function PairChart({ rows, spec }: { readonly rows: Report['rows']; readonly spec: PairChartSpec }) {
  const pairs = rows.flatMap((row): readonly Pair[] => {
    const [from, to] = [spec.from(row), spec.to(row)]
    return from === null || to === null ? [] : [{ name: nameOfRow(row, spec.names), from, to }]
  })
  const [before, after] = spec.called
  if (pairs.length === 0) return <p className="faint">There is nothing to compare.</p>
  return (
    <ChartRows
      kind={spec.kind}
      most={1}
      rows={pairs.map((pair, index) => ({
        key: `${index} ${pair.name}`,
        name: pair.name,
        words: `${pair.name}\n${numberText(pair.from, spec.kind)} ${before}, ${numberText(pair.to, spec.kind)} ${after}`,
        number: numberText(pair.to, spec.kind),
        draw: (x) => <PairMark pair={pair} x={x} />,
      }))}
    />
  )
}

const radius = 5

/** Inside of the scale also at its ends. */
function PairMark({ pair: { from, to }, x }: { readonly pair: Pair; readonly x: (value: number) => number }) {
  const middle = barRowHeight / 2
  const within = (value: number): number => Math.min(x(1) - radius, Math.max(radius, x(value)))
  return (
    <g data-tone={from === to ? 'wait' : 'plain'}>
      <line x1={within(from)} x2={within(to)} y1={middle} y2={middle} className={classes['link']} />
      <circle cx={within(from)} cy={middle} r={radius - 1} className={classes['ring']} />
      <circle cx={within(to)} cy={middle} r={radius} className={classes['bar']} />
    </g>
  )
}
