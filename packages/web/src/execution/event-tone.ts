import type { StoryEvent } from './story.ts'

/** How an event is painted. */
export type Tone = 'good' | 'bad' | 'warning' | 'plain'

/** Good and bad as its status says; what has none is plain, or a warning by its severity. */
export function toneOf({ status, severity }: Pick<StoryEvent, 'status' | 'severity'>): Tone {
  if (status === 'FAILED' || severity === 'error' || severity === 'critical') return 'bad'
  if (status === 'SUCCESS') return 'good'
  return status === 'WARNING' || severity === 'warning' ? 'warning' : 'plain'
}
