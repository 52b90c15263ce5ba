import type { Span } from '@steptrail/workflow/timeline'
import { memo, type MouseEvent, useMemo, useState } from 'react'
import { barAt, barHeight, pathsOf, type PlacedBar, placeBars } from './bar-shapes.ts'
import { type PlacedLane, rowHeight } from './chart-layout.ts'
import classes from './timeline.module.css'
import { describeLane, spanWords } from './span-words.ts'

/** The bars of a lane. */
export interface LaneBarsProps {
  readonly placed: PlacedLane
  readonly width: number
  /** The `executionSeq` of the event that is selected. */
  readonly selectedSeq: number | null
  readonly onSelect: (span: Span) => void
}

/** Pixels from which a bar has room for a sign. */
const signRoom = 13

const signs: Readonly<Record<string, string>> = {
  failed: '✗',
  worker_lost: '†',
  timed_out: '◷',
  cancelled: '⊘',
}

/** The spans of a lane as bars, row by row; a click selects what a bar tells of, pointing at it says so. */
export const LaneBars = memo(function LaneBars({ placed, width, selectedSeq, onSelect }: LaneBarsProps) {
  const bars = useMemo(() => placeBars(placed), [placed])
  const paths = useMemo(() => pathsOf(bars), [bars])
  const [pointedAt, setPointedAt] = useState<PlacedBar | null>(null)
  const selected = selectedSeq === null ? undefined : bars.find(({ span }) => isOf(span, selectedSeq))
  return (
    <svg
      className={classes['bars']}
      width={width}
      height={placed.rows.length * rowHeight}
      role="img"
      aria-label={describeLane(placed.lane)}
      data-over={pointedAt ? true : undefined}
      onClick={(event) => {
        const bar = barUnder(event, bars)
        if (bar) onSelect(bar.span)
      }}
      onPointerMove={(event) => setPointedAt(barUnder(event, bars))}
      onPointerLeave={() => setPointedAt(null)}
    >
      {paths.map(({ kind, style, d }) => (
        <path key={style} className={classes['bar']} data-kind={kind} data-style={style} d={d} />
      ))}
      {bars.map(signOf)}
      {pointedAt && bars.includes(pointedAt) ? <Mark bar={pointedAt} as="pointed" /> : null}
      {selected ? <Mark bar={selected} as="selected" /> : null}
    </svg>
  )
})

const isOf = (span: Span, seq: number): boolean => span.kind === 'attempt' && span.outcomeSeq === seq

function barUnder(event: MouseEvent<SVGSVGElement>, bars: readonly PlacedBar[]): PlacedBar | null {
  const { left, top } = event.currentTarget.getBoundingClientRect()
  return barAt(bars, event.clientX - left, event.clientY - top)
}

function signOf({ style, column, width, top }: PlacedBar) {
  const sign = width >= signRoom ? signs[style] : undefined
  if (sign === undefined) return null
  return (
    <text
      key={`${column} ${top}`}
      x={column + Math.min(width / 2, 8)}
      y={top + barHeight / 2}
      className={classes['sign']}
      data-style={style}
    >
      {sign}
    </text>
  )
}

/** The outline of one bar; that of the one under the pointer says what it is. */
const Mark = ({ bar, as }: { readonly bar: PlacedBar; readonly as: 'pointed' | 'selected' }) => {
  const { x, y, width, height, radius } = bar.shape
  return (
    <rect className={classes[as]} data-mark={as} rx={radius} {...{ x, y, width, height }}>
      {as === 'pointed' ? <title>{spanWords(bar.span)}</title> : null}
    </rect>
  )
}
