import { formatDuration, type Lane, type Span } from '@steptrail/workflow/timeline'
import { memo, useCallback } from 'react'
import { visible } from '../../text/visible.ts'
import type { ChartItem, PlacedLane } from './chart-layout.ts'
import { LaneBars } from './lane-bars.tsx'
import { laneSign, laneWords } from './span-words.ts'
import classes from './timeline.module.css'

/** One row of the chart. */
export interface LaneRowProps {
  readonly item: ChartItem | undefined
  readonly width: number
  readonly selected: { readonly lane: Lane; readonly seq: number | null } | null
  readonly onSelect: (lane: Lane, span: Span) => void
}

/** A lane with its name, its bars and its numbers; or the line above the lanes of a rollback. */
export function LaneRow({ item, width, selected, onSelect }: LaneRowProps) {
  if (!item) return null
  if (item.kind === 'rollback')
    return (
      <div
        className={classes['divider']}
        style={{ transform: `translateY(${item.top}px)`, height: item.height }}
      >
        ↶ Rollback
      </div>
    )
  const isCurrent =
    selected?.lane.stepName === item.lane.stepName && selected.lane.operation === item.lane.operation
  return (
    <LaneOf
      placed={item}
      width={width}
      isCurrent={isCurrent}
      selectedSeq={isCurrent ? selected.seq : null}
      onSelect={onSelect}
    />
  )
}

interface LaneOfProps {
  readonly placed: PlacedLane
  readonly width: number
  readonly isCurrent: boolean
  readonly selectedSeq: number | null
  readonly onSelect: (lane: Lane, span: Span) => void
}

const LaneOf = memo(function LaneOf({ placed, width, isCurrent, selectedSeq, onSelect }: LaneOfProps) {
  const { lane, top, height } = placed
  const select = useCallback((span: Span) => onSelect(lane, span), [lane, onSelect])
  const attempts = lane.spans.filter(({ kind }) => kind === 'attempt').length
  return (
    <div
      className={classes['lane']}
      style={{ transform: `translateY(${top}px)`, height }}
      data-current={isCurrent || undefined}
      data-lane={`${lane.operation} ${lane.stepName}`}
    >
      <span
        className={classes['label']}
        title={`${visible(lane.stepName)} ${lane.operation}: ${laneWords[lane.outcome]}`}
      >
        <span
          className={classes['outcome']}
          data-outcome={lane.outcome}
          data-operation={lane.operation}
          aria-hidden="true"
        >
          {laneSign(lane)}
        </span>
        <bdi className={classes['name']}>{visible(lane.stepName)}</bdi>
        <span className={classes['operation']} data-operation={lane.operation}>
          {lane.operation}
        </span>
      </span>
      <LaneBars placed={placed} width={width} selectedSeq={selectedSeq} onSelect={select} />
      <span className={`${classes['cellNumbers']} ${classes['numbers']}`}>
        <span>{attempts === 0 ? '–' : attempts}</span>
        <span>{lane.durationMs === null ? laneWords[lane.outcome] : formatDuration(lane.durationMs)}</span>
      </span>
    </div>
  )
})
