import { useElementSize } from '@mantine/hooks'
import type { Report } from '@steptrail/client'
import { AxisBottom, AxisLeft } from '@visx/axis'
import { scaleLinear } from '@visx/scale'
import { numberText, periodText } from '../cell-text.ts'
import { longestOf, type Stretch, stretchesOf } from './bar-layout.ts'
import type { PeriodChartSpec } from './chart-spec.ts'
import classes from './charts.module.css'
import { periodsBetween, type ReportPeriod } from './periods.ts'

/** What is drawn of which time. */
export interface PeriodChartProps {
  readonly report: Report
  readonly spec: PeriodChartSpec
  readonly period: ReportPeriod
}

const height = 230
const left = 44
const bottom = 26

/** A column for each period, also for those of which nothing is on record. */
export function PeriodChart({ report, spec, period }: PeriodChartProps) {
  const { ref, width } = useElementSize()
  const rowOf = new Map(report.rows.map((row) => [Date.parse(String(row['period_start'])), row]))
  const starts = periodsBetween(report.window, period)
  const textOf = (start: number): string => periodText(new Date(start).toISOString(), period)
  const columns = starts.map((start) => ({
    start,
    stretches: stretchesOf(rowOf.get(start) ?? {}, spec.parts),
  }))
  const x = scaleLinear({ domain: [0, Math.max(1, starts.length)], range: [left, Math.max(left, width)] })
  const y = scaleLinear({
    domain: [0, longestOf(columns.map(({ stretches }) => stretches))],
    range: [height - bottom, 8],
    nice: true,
  })
  const every = Math.max(1, Math.ceil((starts.length * 84) / Math.max(84, width - left)))
  return (
    <div ref={ref}>
      <svg width={width} height={height} aria-hidden="true">
        {y.ticks(4).map((tick) => (
          <line key={tick} x1={left} x2={width} y1={y(tick)} y2={y(tick)} className={classes['grid']} />
        ))}
        {columns.map(({ start, stretches }, index) => (
          <Column
            key={start}
            stretches={stretches}
            y={y}
            at={[x(index), x(index + 1)]}
            words={wordsOf(textOf(start), stretches)}
          />
        ))}
        <AxisLeft
          left={left}
          scale={y}
          tickValues={y.ticks(4).filter(Number.isInteger)}
          tickFormat={(value) => numberText(Number(value), spec.kind)}
          tickLabelProps={{ className: classes['tickLabel'] ?? '', textAnchor: 'end', dx: -2, dy: 3 }}
          tickClassName={classes['tick'] ?? ''}
          hideAxisLine
        />
        <AxisBottom
          top={height - bottom}
          scale={x}
          tickValues={starts.map((_, index) => index + 0.5).filter((_, index) => index % every === 0)}
          tickFormat={(value) => textOf(starts[Math.floor(Number(value))] ?? 0)}
          tickLabelProps={{ className: classes['tickLabel'] ?? '', textAnchor: 'middle' }}
          tickClassName={classes['tick'] ?? ''}
          axisLineClassName={classes['axisLine'] ?? ''}
        />
      </svg>
    </div>
  )
}

interface ColumnProps {
  readonly stretches: readonly Stretch[]
  readonly y: (value: number) => number
  readonly at: readonly [from: number, to: number]
  readonly words: string
}

function Column({ stretches, y, at: [from, to], words }: ColumnProps) {
  const gap = Math.min(6, (to - from) * 0.2)
  return (
    <g>
      <title>{words}</title>
      <rect
        x={from}
        width={Math.max(0, to - from)}
        y={8}
        height={height - bottom - 8}
        className={classes['reach']}
      />
      {stretches.map((stretch) => (
        <rect
          key={stretch.label}
          data-tone={stretch.tone}
          className={classes['bar']}
          x={from + gap / 2}
          width={Math.max(1, to - from - gap)}
          y={y(stretch.to)}
          height={Math.max(0.5, y(stretch.from) - y(stretch.to))}
        />
      ))}
    </g>
  )
}

const wordsOf = (start: string, stretches: readonly Stretch[]): string =>
  [
    start,
    ...stretches.map(({ label, from, to }) => `${label}: ${numberText(to - from, 'count')}`),
    ...(stretches.length === 0 ? ['Nothing ended'] : []),
  ].join('\n')
