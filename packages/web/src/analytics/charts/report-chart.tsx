import type { Report } from '@steptrail/client'
import { reportTitle } from '../report-names.ts'
import { BarChart } from './bar-chart.tsx'
import type { ChartSpec, ChartTone } from './chart-spec.ts'
import { chartSpecs, mostBars } from './chart-specs.ts'
import classes from './charts.module.css'
import { PairChart } from './pair-chart.tsx'
import { PeriodChart } from './period-chart.tsx'
import { fittingPeriod, reportPeriods } from './periods.ts'
import { SpreadChart } from './spread-chart.tsx'

/** A report that was made, and the period that was asked for, if any. */
export interface ReportChartProps {
  readonly report: Report
  readonly period: string | undefined
}

/** A report as a chart. Its rows are in the table beside it, which is what those who do not see have. */
export function ReportChart({ report, period }: ReportChartProps) {
  const spec = chartSpecs[report.report]
  if (!spec || report.rows.length === 0) return null
  return (
    <figure
      className={classes['figure']}
      role="img"
      aria-label={`${reportTitle(report.report)} as a chart; its numbers are in the table`}
    >
      <Legend entries={legendOf(spec)} />
      <Drawing spec={spec} report={report} period={period} />
      {spec.shape !== 'periods' && report.rows.length > mostBars ? (
        <figcaption className="faint">
          The first {mostBars} of {report.rows.length}; the table has them all.
        </figcaption>
      ) : null}
    </figure>
  )
}

function Drawing({ spec, report, period }: ReportChartProps & { readonly spec: ChartSpec }) {
  const rows = report.rows.slice(0, mostBars)
  switch (spec.shape) {
    case 'bars':
      return <BarChart rows={rows} spec={spec} />
    case 'spread':
      return <SpreadChart rows={rows} spec={spec} />
    case 'pairs':
      return <PairChart rows={rows} spec={spec} />
    case 'periods': {
      const asked = reportPeriods.find((each) => each === period)
      const { since, until } = report.window
      const window = { fromMs: Date.parse(since), untilMs: Date.parse(until) }
      return <PeriodChart report={report} spec={spec} period={asked ?? fittingPeriod(window)} />
    }
  }
}

type LegendEntry = readonly [tone: ChartTone, words: string, sign?: 'ring']

function legendOf(spec: ChartSpec): readonly LegendEntry[] {
  if (spec.shape === 'pairs')
    return [
      ['plain', spec.called[0], 'ring'],
      ['plain', spec.called[1]],
    ]
  if (spec.shape === 'spread')
    return [
      ['good', 'DO: least to 95 per cent, the median marked, and a line to the most'],
      ['undo', 'the same of UNDO'],
    ]
  return spec.parts.map(({ tone, label }) => [tone, label] as const)
}

const Legend = ({ entries }: { readonly entries: readonly LegendEntry[] }) => (
  <ul className={classes['legend']}>
    {entries.map(([tone, words, sign]) => (
      <li key={words}>
        <svg width="12" height="12" aria-hidden="true" data-tone={tone}>
          {sign === 'ring' ? (
            <circle cx="6" cy="6" r="4" className={classes['ring']} />
          ) : (
            <rect width="12" height="12" rx="2.5" className={classes['bar']} />
          )}
        </svg>
        {words}
      </li>
    ))}
  </ul>
)
