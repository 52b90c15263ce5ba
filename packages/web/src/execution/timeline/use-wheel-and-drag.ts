import { type RefObject, useEffect, useEffectEvent } from 'react'
import type { ViewControl } from './use-view.ts'

/** Where on the page the chart is. */
export interface ChartPlace {
  readonly element: RefObject<HTMLElement | null>
  /** Pixels from the element's left edge to the chart's, and of the chart. */
  readonly left: number
  readonly width: number
}

/**
 * Zooms with the wheel while Ctrl or the command key is held (which is what pinching sends), moves with a wheel that
 * goes sideways and by dragging. A wheel that goes up or down scrolls, as everywhere.
 */
export function useWheelAndDrag({ element, left, width }: ChartPlace, control: ViewControl): void {
  const wheel = useEffectEvent((event: WheelEvent) => {
    const x = event.clientX - (element.current?.getBoundingClientRect().left ?? 0) - left
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault()
      control.zoomBy(Math.exp(-event.deltaY / 300), Math.min(width, Math.max(0, x)))
    } else if (Math.abs(event.deltaX) > Math.abs(event.deltaY) && !control.isWhole) {
      event.preventDefault()
      control.moveBy(event.deltaX / width)
    }
  })
  const drag = useEffectEvent((byPixels: number): boolean => {
    if (control.isWhole) return false
    control.moveBy(-byPixels / width)
    return true
  })
  useEffect(() => {
    const target = element.current
    if (!target) return
    const onWheel = (event: WheelEvent): void => wheel(event)
    let lastX: number | null = null
    let isDragged = false
    const onDown = (event: PointerEvent): void => {
      isDragged = false
      if (event.button === 0 && event.pointerType === 'mouse') lastX = event.clientX
    }
    const onMove = (event: PointerEvent): void => {
      if (lastX === null || Math.abs(event.clientX - lastX) < 3) return
      isDragged = drag(event.clientX - lastX) || isDragged
      lastX = event.clientX
    }
    const onUp = (): void => {
      lastX = null
    }
    // The end of dragging is a click on what lies there by then.
    const onClick = (event: MouseEvent): void => {
      if (isDragged) event.stopPropagation()
    }
    target.addEventListener('click', onClick, { capture: true })
    target.addEventListener('wheel', onWheel, { passive: false })
    target.addEventListener('pointerdown', onDown)
    window.addEventListener('pointermove', onMove)
    window.addEventListener('pointerup', onUp)
    return () => {
      target.removeEventListener('click', onClick, { capture: true })
      target.removeEventListener('wheel', onWheel)
      target.removeEventListener('pointerdown', onDown)
      window.removeEventListener('pointermove', onMove)
      window.removeEventListener('pointerup', onUp)
    }
  }, [element])
}
