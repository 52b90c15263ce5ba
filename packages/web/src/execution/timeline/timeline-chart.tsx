import { ActionIcon, Title, Tooltip } from '@mantine/core'
import { useElementSize } from '@mantine/hooks'
import { formatDuration, type Lane, type Span, type Timeline } from '@steptrail/workflow/timeline'
import { type CSSProperties, useMemo, useRef } from 'react'
import { layoutChart } from './chart-layout.ts'
import { Lanes } from './lanes.tsx'
import { Legend } from './legend.tsx'
import { Patterns } from './patterns.tsx'
import { TimeAxis } from './time-axis.tsx'
import classes from './timeline.module.css'
import { useView } from './use-view.ts'
import { useWheelAndDrag } from './use-wheel-and-drag.ts'
import { type View, wholeView } from './viewport.ts'

/** A timeline, what of it is shown and selected, and who is told of choices. */
export interface TimelineChartProps {
  readonly timeline: Timeline
  /** The stretch of time that the address names; null for all. */
  readonly chosen: View | null
  readonly onChoose: (view: View | null) => void
  /** What is selected; null for nothing. */
  readonly selected: { readonly lane: Lane; readonly seq: number | null } | null
  readonly onSelect: (lane: Lane, span: Span) => void
}

/** Steps in DO and UNDO lanes, each attempt a bar, on one axis of time. */
export function TimelineChart({ timeline, chosen, onChoose, selected, onSelect }: TimelineChartProps) {
  const { ref: sizeRef, width: frameWidth } = useElementSize()
  const scrollRef = useRef<HTMLDivElement>(null)
  const columns = columnsFor(frameWidth)
  const width = Math.max(60, Math.floor(frameWidth - columns.label - columns.numbers - scrollbarWidth))
  const bounds = useMemo(() => wholeView(timeline), [timeline])
  const control = useView({ bounds, chosen, width, onChoose })
  useWheelAndDrag({ element: scrollRef, left: columns.label, width }, control)
  const layout = useMemo(() => layoutChart(timeline, control.view, width), [timeline, control.view, width])
  const shownLength = formatDuration(control.view.to - control.view.from)
  return (
    <section
      className={classes['frame']}
      ref={sizeRef}
      style={styleOf(columns, frameWidth)}
      data-narrow={columns.numbers === 0 || undefined}
      aria-label="Timeline"
    >
      <Patterns />
      <div className={classes['toolbar']}>
        <Title order={2}>Timeline</Title>
        <span className="faint">
          {control.isWhole ? shownLength : `${shownLength} of ${formatDuration(bounds.to - bounds.from)}`}
        </span>
        <div className={classes['tools']}>
          <Tool
            label="Show more time (-)"
            sign="−"
            onClick={() => control.zoomBy(1 / 1.6)}
            isOff={control.isWhole}
          />
          <Tool label="Look closer (+)" sign="+" onClick={() => control.zoomBy(1.6)} />
          <Tool label="Earlier" sign="←" onClick={() => control.moveBy(-0.3)} isOff={control.isWhole} />
          <Tool label="Later" sign="→" onClick={() => control.moveBy(0.3)} isOff={control.isWhole} />
          <Tool label="Show all (0)" sign="⤢" onClick={control.showAll} isOff={control.isWhole} />
        </div>
      </div>
      <div className={classes['head']}>
        <span>Step</span>
        <span className={classes['axisCell']}>
          <TimeAxis ticks={layout.ticks} width={width} />
        </span>
        <span className={classes['numbers']}>
          <span>Attempts</span>
          <span>Duration</span>
        </span>
      </div>
      <Lanes
        scrollRef={scrollRef}
        // Before its width is known, whatever is drawn is in the wrong place.
        isPlaced={frameWidth > 0}
        {...{ timeline, layout, width, selected, onSelect, control }}
      />
      <Legend timeline={timeline} />
    </section>
  )
}

const scrollbarWidth = 16

interface Columns {
  readonly label: number
  readonly numbers: number
}

/** What is left after the names goes to the bars; the numbers are there where that is enough for both. */
function columnsFor(frameWidth: number): Columns {
  if (frameWidth < 460) return { label: 124, numbers: 0 }
  return frameWidth < 700 ? { label: 212, numbers: 0 } : { label: 224, numbers: 158 }
}

const styleOf = ({ label, numbers }: Columns, width: number): CSSProperties =>
  ({
    '--label-width': `${label}px`,
    '--numbers-width': `${numbers}px`,
    '--drawn-width': `${width}px`,
  }) as CSSProperties

interface ToolProps {
  readonly label: string
  readonly sign: string
  readonly onClick: () => void
  readonly isOff?: boolean
}

const Tool = ({ label, sign, onClick, isOff = false }: ToolProps) => (
  <Tooltip label={label} openDelay={400}>
    <ActionIcon
      variant="default"
      size="md"
      onClick={onClick}
      aria-label={label}
      {...(isOff && { 'data-disabled': true })}
      aria-disabled={isOff}
    >
      {sign}
    </ActionIcon>
  </Tooltip>
)
