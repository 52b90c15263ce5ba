import type { Lane, Span, Timeline } from '@steptrail/workflow/timeline'
import type { KeyboardEvent } from 'react'
import type { ViewControl } from './use-view.ts'

/** What keys act on. */
export interface KeyContext {
  readonly timeline: Timeline
  readonly selected: { readonly lane: Lane; readonly seq: number | null } | null
  readonly onSelect: (lane: Lane, span: Span) => void
  readonly control: ViewControl
}

/** Does what a key stands for: arrows select attempts, plus and minus zoom, 0 shows all. */
export function takeKey(event: KeyboardEvent, { timeline, selected, onSelect, control }: KeyContext): void {
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
