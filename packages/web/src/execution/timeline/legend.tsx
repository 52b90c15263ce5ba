import type { Timeline } from '@steptrail/workflow/timeline'
import { useMemo } from 'react'
import { spanStyle } from './span-words.ts'
import classes from './timeline.module.css'

const entries = [
  ['success', 'attempt that worked'],
  ['failed', 'failed'],
  ['timed_out', 'timed out'],
  ['worker_lost', 'worker lost'],
  ['running', 'under way'],
  ['cancelled', 'cancelled'],
  ['undone', 'undone'],
  ['backoff', 'back-off before a retry'],
  ['waiting', 'waiting for a worker'],
] as const

/** What the bars mean: those that occur. */
export function Legend({ timeline }: { readonly timeline: Timeline }) {
  const occurring = useMemo(
    () =>
      new Set(
        timeline.lanes.flatMap(({ spans, operation }) => spans.map((span) => spanStyle(span, operation))),
      ),
    [timeline],
  )
  return (
    <ul className={classes['legend']} aria-label="Legend">
      {entries
        .filter(([style]) => occurring.has(style))
        .map(([style, words]) => (
          <li key={style}>
            <svg width="22" height="14" aria-hidden="true">
              <rect className={classes['bar']} data-style={style} {...sampleOf(style)} />
            </svg>
            {words}
          </li>
        ))}
    </ul>
  )
}

function sampleOf(style: string) {
  if (style === 'waiting') return { x: 0, y: 5.5, width: 22, height: 3 }
  return style === 'backoff'
    ? { x: 0, y: 3, width: 22, height: 8 }
    : { x: 0, y: 0, width: 22, height: 14, rx: 3 }
}
