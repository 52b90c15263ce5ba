/** The stretch of time that a chart shows, in milliseconds since 1970. `to` is greater than `from`. */
export interface View {
  readonly from: number
  readonly to: number
}

/** Where on the chart, and how much closer: a factor of 2 shows half as much time. */
export interface Zoom {
  /** Pixels from the chart's left edge. */
  readonly x: number
  /** Pixels of the chart. */
  readonly width: number
  readonly factor: number
}

/** The least time that a chart shows, in milliseconds. */
export const leastSpanMs = 2

/** All of it; a moment without length gets one, for there to be something to look at. */
export const wholeView = ({ from, to }: View): View => ({ from, to: Math.max(to, from + leastSpanMs) })

/** The instant at a place of the chart. */
export const instantAt = (x: number, { from, to }: View, width: number): number =>
  from + (x / width) * (to - from)

/**
 * Shows more or less time. The instant at `x` stays where it is, unless that would show what is outside of `bounds`;
 * then the view ends there.
 */
export function zoomed(view: View, { x, width, factor }: Zoom, bounds: View): View {
  const span = Math.min(bounds.to - bounds.from, Math.max(leastSpanMs, (view.to - view.from) / factor))
  const from = instantAt(x, view, width) - (x / width) * span
  return within({ from, to: from + span }, bounds)
}

/** Shows what is earlier (negative) or later, by so many milliseconds. */
export const moved = (view: View, byMs: number, bounds: View): View =>
  within({ from: view.from + byMs, to: view.to + byMs }, bounds)

/** A view of the same length that does not leave the bounds; all of them where it is longer. */
export function within(view: View, bounds: View): View {
  const span = Math.min(view.to - view.from, bounds.to - bounds.from)
  const from = Math.min(Math.max(view.from, bounds.from), bounds.to - span)
  return { from, to: from + span }
}
