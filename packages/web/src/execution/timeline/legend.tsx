import type { Timeline } from '@steptrail/workflow/timeline'
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
  const occurring = new Set(
    timeline.lanes.flatMap(({ spans, operation }) => spans.map((span) => spanStyle(span, operation))),
  )
  return (
    <ul className={classes['legend']} aria-label="Legend">
      {entries
        .filter(([style]) => occurring.has(style))
        .map(([style, words]) => (
          <li key={style}>
            <svg width="22" height="14" aria-hidden="true">
              <g className={classes['bar']} data-style={style} data-kind={kindOf(style)}>
                <rect className={classes['shape']} {...sampleOf(style)} />
              </g>
            </svg>
            {words}
          </li>
        ))}
    </ul>
  )
}

const kindOf = (style: string): string => (style === 'backoff' || style === 'waiting' ? style : 'attempt')

function sampleOf(style: string) {
  if (style === 'waiting') return { x: 0, y: 5.5, width: 22, height: 3 }
  return style === 'backoff'
    ? { x: 0, y: 3, width: 22, height: 8 }
    : { x: 0, y: 0, width: 22, height: 14, rx: 3 }
}
