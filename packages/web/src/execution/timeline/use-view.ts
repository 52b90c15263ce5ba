import { useEffect, useEffectEvent, useRef, useState } from 'react'
import { moved, type View, within, zoomed } from './viewport.ts'

/** A view that a reader zooms and moves. */
export interface ViewControl {
  readonly view: View
  readonly isWhole: boolean
  readonly change: (view: View) => void
  readonly zoomBy: (factor: number, x?: number) => void
  readonly moveBy: (share: number) => void
  readonly showAll: () => void
}

/** What decides on a view. */
export interface ViewOptions {
  readonly bounds: View
  /** What the address says, in milliseconds since 1970; null for all of it. */
  readonly chosen: View | null
  readonly width: number
  /** Told when the reader has come to rest. */
  readonly onChoose: (view: View | null) => void
}

const restMs = 250

/** Holds the view of a chart; it goes with the bounds as long as all is shown. */
export function useView({ bounds, chosen, width, onChoose }: ViewOptions): ViewControl {
  const [own, setOwn] = useState<View | null>(chosen)
  const resting = useRef<ReturnType<typeof setTimeout>>(undefined)
  const tell = useEffectEvent(onChoose)
  useEffect(() => () => clearTimeout(resting.current), [])
  const view = own === null ? bounds : within(own, bounds)
  const isWhole = view.to - view.from >= bounds.to - bounds.from
  const change = (next: View): void => {
    const isAll = next.to - next.from >= bounds.to - bounds.from
    setOwn(isAll ? null : next)
    clearTimeout(resting.current)
    resting.current = setTimeout(() => tell(isAll ? null : next), restMs)
  }
  return {
    view,
    isWhole,
    change,
    zoomBy: (factor, x = width / 2) => change(zoomed(view, { x, width, factor }, bounds)),
    moveBy: (share) => change(moved(view, (view.to - view.from) * share, bounds)),
    showAll: () => change(bounds),
  }
}
