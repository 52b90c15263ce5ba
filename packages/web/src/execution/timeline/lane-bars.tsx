import type { Bar, Span } from '@steptrail/workflow/timeline'
import { memo, type SyntheticEvent, useState } from 'react'
import { type PlacedLane, rowHeight } from './chart-layout.ts'
import classes from './timeline.module.css'
import { describeLane, spanStyle, spanWords } from './span-words.ts'

/** The bars of a lane. */
export interface LaneBarsProps {
  readonly placed: PlacedLane
  readonly width: number
  /** The `executionSeq` of the event that is selected. */
  readonly selectedSeq: number | null
  readonly onSelect: (span: Span) => void
}

const barHeight = 14
const inset = (rowHeight - barHeight) / 2
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
  const { lane, rows } = placed
  // One listener and one title for all bars of a lane: lanes are drawn while they scroll into sight.
  const [pointedAt, setPointedAt] = useState<string | null>(null)
  const select = (event: SyntheticEvent): void => {
    const [row, index] = (placeOf(event) ?? '').split(':').map(Number)
    const bar = rows[row ?? -1]?.[index ?? -1]
    if (bar) onSelect(bar.span)
  }
  return (
    <svg
      className={classes['bars']}
      width={width}
      height={rows.length * rowHeight}
      role="img"
      aria-label={describeLane(lane)}
      onClick={select}
      onPointerOver={(event) => setPointedAt(placeOf(event))}
    >
      {rows.flatMap((row, rowIndex) =>
        row.map((bar, index) => (
          <BarMark
            key={`${rowIndex}:${index}`}
            bar={bar}
            place={`${rowIndex}:${index}`}
            isPointedAt={pointedAt === `${rowIndex}:${index}`}
            style={spanStyle(bar.span, lane.operation)}
            top={rowIndex * rowHeight + inset}
            isSelected={
              bar.span.kind === 'attempt' && selectedSeq !== null && bar.span.outcomeSeq === selectedSeq
            }
          />
        )),
      )}
    </svg>
  )
})

/** Which bar, by row and index in it, something happened to. */
const placeOf = ({ target }: SyntheticEvent): string | null =>
  target instanceof Element ? (target.closest('[data-place]')?.getAttribute('data-place') ?? null) : null

interface BarMarkProps {
  readonly bar: Bar
  readonly place: string
  readonly isPointedAt: boolean
  readonly style: string
  readonly top: number
  readonly isSelected: boolean
}

function BarMark({ bar: { span, column, width }, ...props }: BarMarkProps) {
  const { place, isPointedAt, style, top, isSelected } = props
  const sign = width >= signRoom ? signs[style] : undefined
  const shape = shapeOf(span, { column, width, top })
  return (
    <g
      className={classes['bar']}
      data-kind={span.kind}
      data-style={style}
      data-selected={isSelected || undefined}
      data-place={place}
    >
      {isPointedAt ? <title>{spanWords(span)}</title> : null}
      <rect className={classes['reach']} x={column} y={top} width={width} height={barHeight} />
      <rect className={classes['shape']} {...shape} />
      {sign === undefined ? null : (
        <text x={column + Math.min(width / 2, 8)} y={top + barHeight / 2} className={classes['sign']}>
          {sign}
        </text>
      )}
    </g>
  )
}

/** Attempts are as high as the row; waiting is a line, since nothing is at work. A gap of a pixel tells bars apart. */
function shapeOf(span: Span, { column, width, top }: { column: number; width: number; top: number }) {
  if (span.kind === 'waiting') return { x: column, y: top + barHeight / 2 - 1.5, width, height: 3 }
  const visibleWidth = Math.max(2, width - 1)
  if (span.kind === 'backoff') return { x: column, y: top + 3, width: visibleWidth, height: barHeight - 6 }
  return { x: column, y: top, width: visibleWidth, height: barHeight, rx: Math.min(3, visibleWidth / 3) }
}
