import {
  type Bar,
  type Lane,
  layoutLane,
  type RollbackMark,
  ticksOf,
  type Timeline,
} from '@steptrail/workflow/timeline'
import type { View } from './viewport.ts'

/** Pixels of a row of bars. */
export const rowHeight = 20
const lanePadding = 8
const dividerHeight = 26

/** Pixels that an attempt or a back-off has at least. */
const leastPixels = 3
/** Pixels between two marks of the time axis, at least. */
const tickRoom = 90

/** One lane where it is drawn. */
export interface PlacedLane {
  readonly kind: 'lane'
  readonly lane: Lane
  /** Bars in pixels of the chart, row by row. */
  readonly rows: readonly (readonly Bar[])[]
  readonly top: number
  readonly height: number
}

/** What the chart is made of, from the top. */
export type ChartItem =
  PlacedLane | { readonly kind: 'rollback'; readonly top: number; readonly height: number }

/** Where everything of a chart is drawn, in pixels. */
export interface ChartLayout {
  readonly items: readonly ChartItem[]
  readonly height: number
  readonly ticks: readonly { readonly x: number; readonly offsetMs: number }[]
  /** The moments at which rollbacks were triggered, as far as the view shows them. */
  readonly rollbacks: readonly { readonly x: number; readonly mark: RollbackMark }[]
}

/**
 * Places lanes below one another, DO before UNDO, and what the view shows of their spans. Each attempt that the view
 * touches has one bar, of at least 3 pixels; bars of a lane never overlap.
 */
export function layoutChart(timeline: Timeline, view: View, width: number): ChartLayout {
  const scale = { ...view, width: Math.max(leastPixels, Math.floor(width)), leastColumns: leastPixels }
  const items: ChartItem[] = []
  let top = 0
  const add = (item: ChartItem): void => {
    items.push(item)
    top += item.height
  }
  for (const lane of timeline.lanes) {
    const isFirstUndo = lane.operation === 'UNDO' && items.every((item) => item.kind === 'lane')
    if (isFirstUndo) add({ kind: 'rollback', top, height: dividerHeight })
    const shown = lane.spans.filter((span) => span.to >= view.from && span.from <= view.to)
    const rows = layoutLane(shown, scale)
    add({ kind: 'lane', lane, rows, top, height: rows.length * rowHeight + lanePadding })
  }
  const xOf = (at: number): number => ((at - view.from) / (view.to - view.from)) * scale.width
  return {
    items,
    height: top,
    ticks: ticksFrom(timeline, view, scale.width).map((offsetMs) => ({
      x: xOf(timeline.from + offsetMs),
      offsetMs,
    })),
    rollbacks: timeline.rollbacks
      .filter(({ at }) => at >= view.from && at <= view.to)
      .map((mark) => ({ x: xOf(mark.at), mark })),
  }
}

/** Round offsets from the beginning of the execution, as far as the view shows them. */
function ticksFrom({ from }: Timeline, view: View, width: number): readonly number[] {
  const offsets = ticksOf({ ...view, width }, tickRoom).map(({ offsetMs }) => offsetMs)
  const step = (offsets[1] ?? 0) - (offsets[0] ?? 0)
  if (step <= 0) return [Math.round(view.from - from)]
  const first = Math.ceil((view.from - from) / step) * step
  const count = Math.max(0, Math.floor((view.to - from - first) / step) + 1)
  return Array.from({ length: count }, (_, index) => first + index * step)
}
