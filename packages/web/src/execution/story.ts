import type { Event, Execution, Timeline } from '@steptrail/client'

/** An event of an execution, as far as the API tells it both in the timeline and in the stream. */
export type StoryEvent = Omit<Timeline['entries'][number], 'gapMs' | 'runningMs'>

/** All that is known of an execution. */
export interface Story {
  /** Null for one of another engine, of which there are only events. */
  readonly execution: Execution | null
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

/** The event with this id. */
export const eventById = (events: readonly StoryEvent[], id: string | undefined): StoryEvent | undefined =>
  id === undefined ? undefined : events.find((event) => event.id === id)
