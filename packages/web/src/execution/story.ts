import type { Event, Execution, Timeline } from '@steptrail/client'
import { isEnded, statusOf } from '@steptrail/workflow/timeline'

/** An event of an execution, as far as the API tells it both in the timeline and in the stream. */
export type StoryEvent = Omit<Timeline['entries'][number], 'gapMs' | 'runningMs'>

/** All that is known of an execution. */
export interface Story {
  /** Null for one that only its events tell of, as where they came from elsewhere. */
  readonly execution: Execution | null
  /** Whether it is there no more since it was read, as after retention: then nothing can be ordered or asked of it. */
  readonly isGone: boolean
  /** In the order in which they happened. */
  readonly events: readonly StoryEvent[]
  /** Whether these are all events; else the first of them. */
  readonly isWhole: boolean
}

/** The events with those that came meanwhile, each once, in order. */
export function withEvents(
  events: readonly StoryEvent[],
  came: readonly (StoryEvent | Event)[],
): readonly StoryEvent[] {
  const known = new Set(events.map(({ id }) => id))
  const added = came.filter(({ id }) => !known.has(id) && known.add(id))
  if (added.length === 0) return events
  return [...events, ...added].toSorted(
    (a, b) =>
      Date.parse(a.timestamp) - Date.parse(b.timestamp) || (a.executionSeq ?? 0) - (b.executionSeq ?? 0),
  )
}

/** Whether an engine recorded any of the events; what only applications wrote about is none of an engine's. */
export const isOfAnEngine = (events: readonly StoryEvent[]): boolean =>
  events.some(({ executionSeq }) => executionSeq !== null)

/** Whether more is to come: by what is kept of an execution, or by its events where nothing is. */
export const isUnderWay = (execution: Execution | null, events: readonly StoryEvent[]): boolean =>
  execution === null ? isOfAnEngine(events) && !isEnded(statusOf(events)) : !isEnded(execution.status)

/**
 * Whether events were read before their execution ended, and the execution after that: the end is on record together
 * with its events, so they lack those of the end.
 */
export const lacksItsEnd = (execution: Execution | null, events: readonly StoryEvent[]): boolean =>
  execution !== null && isEnded(execution.status) && isOfAnEngine(events) && !isEnded(statusOf(events))

/** The event with this id. */
export const eventById = (events: readonly StoryEvent[], id: string | undefined): StoryEvent | undefined =>
  id === undefined ? undefined : events.find((event) => event.id === id)
