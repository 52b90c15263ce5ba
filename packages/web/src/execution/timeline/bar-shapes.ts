import type { Bar, Lane, Span } from '@steptrail/workflow/timeline'
import { type PlacedLane, rowHeight } from './chart-layout.ts'
import { spanStyle } from './span-words.ts'

/** Pixels that the bar of an attempt is high. */
export const barHeight = 14
const inset = (rowHeight - barHeight) / 2

/** A rectangle in pixels of a lane, with rounded corners. */
export interface BarShape {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly radius: number
}

/** A bar where it is drawn. */
export interface PlacedBar {
  readonly span: Span
  readonly style: string
  readonly shape: BarShape
  /** Pixels of the lane that are its own, whatever of them is drawn. */
  readonly column: number
  readonly width: number
  readonly top: number
}

/** All bars of a lane that look the same, as one path: a lane may have dozens, and many lanes scroll by. */
export interface BarPath {
  readonly kind: Span['kind']
  readonly style: string
  readonly d: string
}

/** The bars of a lane, row by row. */
export const placeBars = ({ rows, lane }: PlacedLane): readonly PlacedBar[] =>
  rows.flatMap((row, index) => row.map((bar) => placeBar(bar, lane, index * rowHeight + inset)))

/** Where a bar is drawn whose row begins at `top`. Attempts are as high as it; waiting is a line, since nothing works. */
function placeBar({ span, column, width }: Bar, { operation }: Lane, top: number): PlacedBar {
  const seen = Math.max(2, width - 1)
  const shapes: Readonly<Record<Span['kind'], BarShape>> = {
    waiting: { x: column, y: top + barHeight / 2 - 1.5, width, height: 3, radius: 0 },
    backoff: { x: column, y: top + 3, width: seen, height: barHeight - 6, radius: 0 },
    attempt: { x: column, y: top, width: seen, height: barHeight, radius: Math.min(3, seen / 3) },
  }
  return { span, style: spanStyle(span, operation), shape: shapes[span.kind], column, width, top }
}

/** One path for each look that occurs: waiting first, so that attempts lie above it. Each bar is in one, once. */
export function pathsOf(bars: readonly PlacedBar[]): readonly BarPath[] {
  const looks = Map.groupBy(bars, ({ span: { kind }, style }) => `${kind} ${style}`)
  const paths = [...looks.values()].flatMap((alike) => {
    const [first] = alike
    if (!first) return []
    return [
      { kind: first.span.kind, style: first.style, d: alike.map(({ shape }) => outline(shape)).join('') },
    ]
  })
  return paths.toSorted((a, b) => Number(a.kind === 'attempt') - Number(b.kind === 'attempt'))
}

/** The bar at a point of the lane; null where there is none. */
export const barAt = (bars: readonly PlacedBar[], x: number, y: number): PlacedBar | null =>
  bars.find(
    ({ column, width, top }) =>
      x >= column && x < column + Math.max(width, 1) && y >= top - inset && y < top + barHeight + inset,
  ) ?? null

function outline({ x, y, width, height, radius }: BarShape): string {
  if (radius === 0) return `M${x} ${y}h${width}v${height}h${-width}z`
  const [across, down] = [width - 2 * radius, height - 2 * radius]
  const corner = (toX: number, toY: number): string => `a${radius} ${radius} 0 0 1 ${toX} ${toY}`
  const edges = [
    `h${across}${corner(radius, radius)}`,
    `v${down}${corner(-radius, radius)}`,
    `h${-across}${corner(-radius, -radius)}`,
    `v${-down}${corner(radius, -radius)}`,
  ]
  return `M${x + radius} ${y}${edges.join('')}z`
}
