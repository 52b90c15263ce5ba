import type { Span } from './lane.ts'

/** Where a span is drawn: columns `column` to `column + width - 1` of the chart. */
export interface Bar<S extends Span = Span> {
  readonly span: S
  readonly column: number
  readonly width: number
}

/** Which stretch of time the chart shows, in how many columns. */
export interface Scale {
  /** Milliseconds since 1970. */
  readonly from: number
  readonly to: number
  readonly width: number
  /** Columns that an attempt and a back-off get at least, however short they were: 1 unless given. */
  readonly leastColumns?: number
}

/** The column that an instant falls in, from 0 to `width - 1`. */
export function columnOf(at: number, scale: Scale): number {
  return Math.min(scale.width - 1, Math.max(0, Math.floor(position(at, scale))))
}

/**
 * Places the spans of one lane in columns. Every attempt and every back-off gets at least one column, or as many as
 * the scale says, however short it was; bars keep their order and never overlap. A lane with more of them than there
 * is room for takes several rows, each on the same time axis. Waiting too short for a column is not drawn. What is
 * outside of the stretch of time is drawn at its edges.
 */
export function layoutLane(spans: readonly Span[], scale: Scale): readonly (readonly Bar[])[] {
  return rowsOf(spans, scale).map((row) => placed(row, scale))
}

/** Marks of a time axis: round offsets from its start, at least `room` columns apart. */
export function ticksOf(
  scale: Scale,
  room: number,
): readonly { readonly column: number; readonly offsetMs: number }[] {
  const length = scale.to - scale.from
  const step = tickSteps.find((candidate) => (candidate / Math.max(1, length)) * scale.width >= room)
  if (length <= 0 || step === undefined) return [{ column: 0, offsetMs: 0 }]
  return Array.from({ length: Math.floor(length / step) + 1 }, (_, index) => ({
    column: columnOf(scale.from + index * step, scale),
    offsetMs: index * step,
  }))
}

const millisecond = 1
const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const tickSteps = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500].map((count) => count * millisecond),
  ...[1, 2, 5, 10, 20, 30].map((count) => count * second),
  ...[1, 2, 5, 10, 20, 30].map((count) => count * minute),
  ...[1, 2, 3, 6, 12, 24, 48, 96, 240, 480, 1200, 2400, 4800, 12_000, 24_000, 48_000].map(
    (count) => count * hour,
  ),
]

const leastWidth = (span: Span, { leastColumns = 1 }: Scale): number =>
  span.kind === 'waiting' ? 0 : leastColumns

function rowsOf(spans: readonly Span[], scale: Scale): readonly (readonly Span[])[] {
  const rows: Span[][] = [[]]
  let used = 0
  for (const span of spans) {
    used += leastWidth(span, scale)
    if (used > scale.width) {
      rows.push([])
      used = leastWidth(span, scale)
    }
    rows.at(-1)?.push(span)
  }
  return rows
}

/** From left to right each bar starts behind the one before; from right to left each makes room for the rest. */
function placed(spans: readonly Span[], scale: Scale): readonly Bar[] {
  const edges = spans.map((span) => ({
    span,
    start: Math.round(position(span.from, scale)),
    end: Math.round(position(span.to, scale)),
  }))
  let taken = 0
  for (const edge of edges) {
    edge.start = Math.max(edge.start, taken)
    edge.end = Math.max(edge.end, edge.start + leastWidth(edge.span, scale))
    taken = edge.end
  }
  let limit = scale.width
  for (const edge of edges.toReversed()) {
    edge.end = Math.min(edge.end, limit)
    edge.start = Math.min(edge.start, edge.end - leastWidth(edge.span, scale))
    limit = edge.start
  }
  return edges
    .filter(({ start, end }) => end > start)
    .map(({ span, start, end }) => ({ span, column: start, width: end - start }))
}

function position(at: number, { from, to, width }: Scale): number {
  return to > from ? ((at - from) / (to - from)) * width : 0
}
