import type { History, HistoryEvent } from './history-event.ts'

/**
 * When each event happened, by its number: never before those that it follows, whatever the clocks of the servers say.
 * An activity's start is the exception: Temporal writes it when the activity ends, with the time at which it began.
 */
export function eventTimes({
  events,
  earlier,
}: Pick<History, 'events' | 'earlier'>): ReadonlyMap<number, number> {
  const times = new Map<number, number>()
  const ends = new Map<number, number>()
  let latest = earlier?.latestAt ?? 0
  for (const event of events) {
    if (event.type === 'activityTaskStarted') continue
    latest = Math.max(latest, event.at)
    times.set(event.id, latest)
    const startedId = endOf(event)
    if (startedId !== null) ends.set(startedId, latest)
  }
  for (const event of events) {
    if (event.type !== 'activityTaskStarted') continue
    const scheduledAt =
      times.get(event.attributes.scheduledEventId) ??
      earlier?.open.get(event.attributes.scheduledEventId)?.at ??
      0
    times.set(event.id, Math.min(Math.max(event.at, scheduledAt), ends.get(event.id) ?? Infinity))
  }
  return times
}

function endOf(event: HistoryEvent): number | null {
  switch (event.type) {
    case 'activityTaskCompleted':
    case 'activityTaskFailed':
    case 'activityTaskTimedOut':
    case 'activityTaskCanceled':
      return event.attributes.startedEventId
    default:
      return null
  }
}
