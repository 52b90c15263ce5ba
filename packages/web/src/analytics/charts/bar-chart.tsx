import type { Report } from '@steptrail/client'
import { numberText } from '../cell-text.ts'
import { longestOf, stretchesOf } from './bar-layout.ts'
import { barRowHeight, ChartRows } from './chart-rows.tsx'
import type { BarChartSpec } from './chart-spec.ts'
import { nameOfRow } from './chart-specs.ts'
import classes from './charts.module.css'

/** A bar for each row, of parts one after another. */
export function BarChart({ rows, spec }: { readonly rows: Report['rows']; readonly spec: BarChartSpec }) {
  const { names, parts, kind } = spec
  const bars = rows.map((row) => stretchesOf(row, parts))
  return (
    <ChartRows
      kind={kind}
      most={kind === 'share' ? 1 : longestOf(bars)}
      rows={bars.map((stretches, index) => {
        const name = nameOfRow(rows[index] ?? {}, names)
        const words = stretches.map(({ label, from, to }) => `${label}: ${numberText(to - from, kind)}`)
        return {
          key: `${index} ${name}`,
          name,
          words: [name, ...words].join('\n'),
          number: numberText(stretches.at(-1)?.to ?? 0, kind),
          draw: (x) =>
            stretches.map(({ label, tone, from, to }) => (
              <rect
                key={label}
                data-tone={tone}
                className={classes['bar']}
                x={x(from)}
                width={Math.max(1, x(to) - x(from) - 0.5)}
                y={5}
                height={barRowHeight - 10}
              />
            )),
        }
      })}
    />
  )
}
