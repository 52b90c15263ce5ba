import { ActionIcon, Title, Tooltip } from '@mantine/core'
import { useElementSize } from '@mantine/hooks'
import { useVirtualizer } from '@tanstack/react-virtual'
import { formatDuration, type Lane, type Span, type Timeline } from '@steptrail/workflow/timeline'
import { type CSSProperties, type KeyboardEvent, useMemo, useRef } from 'react'
import { type ChartItem, layoutChart } from './chart-layout.ts'
import { LaneRow } from './lane-row.tsx'
import { Legend } from './legend.tsx'
import { Patterns } from './patterns.tsx'
import { GridLines, TimeAxis } from './time-axis.tsx'
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
  const rows = useVirtualizer({
    count: layout.items.length,
    getScrollElement: () => scrollRef.current,
    estimateSize: (index) => layout.items[index]?.height ?? 0,
    getItemKey: (index) => keyOf(layout.items[index]),
    overscan: 6,
  })
  // Before its width is known, whatever is drawn is in the wrong place.
  const drawn = frameWidth === 0 ? [] : rows.getVirtualItems()
  const shownLength = formatDuration(control.view.to - control.view.from)
  return (
    <section
      className={classes['frame']}
      ref={sizeRef}
      style={styleOf(columns)}
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
      <div
        ref={scrollRef}
        className={classes['scroll']}
        tabIndex={0}
        role="group"
        aria-label="Lanes. Arrow keys select attempts, plus and minus zoom, 0 shows all."
        onKeyDown={(event) => takeKey(event, { timeline, selected, onSelect, control })}
      >
        <div className={classes['canvas']} style={{ height: rows.getTotalSize() }}>
          <GridLines layout={layout} width={width} />
          {drawn.map(({ index, key }) => (
            <LaneRow
              key={key}
              item={layout.items[index]}
              width={width}
              selected={selected}
              onSelect={onSelect}
            />
          ))}
        </div>
      </div>
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

const styleOf = ({ label, numbers }: Columns): CSSProperties =>
  ({ '--label-width': `${label}px`, '--numbers-width': `${numbers}px` }) as CSSProperties

const keyOf = (item: ChartItem | undefined): string =>
  item?.kind === 'lane' ? `${item.lane.operation} ${item.lane.stepName}` : 'rollback'

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

interface KeyContext extends Pick<TimelineChartProps, 'timeline' | 'selected' | 'onSelect'> {
  readonly control: ReturnType<typeof useView>
}

function takeKey(event: KeyboardEvent, { timeline, selected, onSelect, control }: KeyContext): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return
  const keys: Readonly<Record<string, () => void>> = {
    '+': () => control.zoomBy(1.6),
    '=': () => control.zoomBy(1.6),
    '-': () => control.zoomBy(1 / 1.6),
    '0': control.showAll,
    ArrowDown: () => selectLane(1),
    ArrowUp: () => selectLane(-1),
    ArrowRight: () => selectAttempt(1),
    ArrowLeft: () => selectAttempt(-1),
  }
  const act = keys[event.key]
  if (!act) return
  event.preventDefault()
  act()

  function selectLane(by: number): void {
    const drawn = timeline.lanes.filter(({ spans }) => spans.length > 0)
    const at = drawn.findIndex((lane) => isSame(lane, selected?.lane))
    const lane = drawn[at < 0 ? 0 : Math.min(drawn.length - 1, Math.max(0, at + by))]
    const span = lane?.spans.find(({ kind }) => kind === 'attempt') ?? lane?.spans[0]
    if (lane && span) onSelect(lane, span)
  }

  function selectAttempt(by: number): void {
    const lane = selected?.lane
    if (!lane) return selectLane(1)
    const attempts = lane.spans.filter((span) => span.kind === 'attempt')
    const at = attempts.findIndex(({ outcomeSeq }) => outcomeSeq === selected.seq)
    const span = attempts[Math.min(attempts.length - 1, Math.max(0, at + by))]
    if (span) onSelect(lane, span)
  }
}

const isSame = (a: Lane, b: Lane | undefined): boolean =>
  a.stepName === b?.stepName && a.operation === b.operation
