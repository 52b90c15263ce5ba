import type { Report } from '@steptrail/client'

type Row = Report['rows'][number]

/** How a part of a chart is painted: by what it means. */
export type ChartTone = 'good' | 'bad' | 'warning' | 'undo' | 'wait' | 'plain'

/** A part of each bar. */
export interface Part {
  readonly label: string
  readonly tone: ChartTone
  readonly valueOf: (row: Row) => number
}

/** What a chart says of what: by the names of the columns. */
interface ChartBase {
  /** The columns that name a row. */
  readonly names: readonly string[]
  /** The kind of the numbers, as in the columns of a report. */
  readonly kind: string
}

/** A bar for each row, of parts one after another. */
export interface BarChartSpec extends ChartBase {
  readonly shape: 'bars'
  readonly parts: readonly Part[]
}

/** For each row the spread of a number: from the least to the most, the half and the 95 per cent marked. */
export interface SpreadChartSpec extends ChartBase {
  readonly shape: 'spread'
}

/** For each row two numbers: what it was and what it became, or what was expected and what is. */
export interface PairChartSpec extends ChartBase {
  readonly shape: 'pairs'
  readonly from: (row: Row) => number | null
  readonly to: (row: Row) => number | null
  /** What the two are called. */
  readonly called: readonly [from: string, to: string]
}

/** A column for each period, of parts one upon another. */
export interface PeriodChartSpec extends ChartBase {
  readonly shape: 'periods'
  readonly parts: readonly Part[]
}

/** How a report is drawn. */
export type ChartSpec = BarChartSpec | SpreadChartSpec | PairChartSpec | PeriodChartSpec
