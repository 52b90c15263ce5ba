import { eventTimes } from './event-times.ts'
import { type EarlierEvents, type History, type HistoryEvent, lastTelling } from './history-event.ts'

/** What is to be kept of a history that was read, to read on after it. */
export function earlierOf(history: History): EarlierEvents {
  const { workflowId, runId, started, earlier } = history
  const through = lastTelling(history)
  const told = history.events.filter(({ id }) => id <= through)
  const times = eventTimes(history)
  const open = new Map(earlier?.open)
  const activityIds = new Map(earlier?.activityIds)
  for (const event of told) {
    if (isReferredTo(event)) open.set(event.id, { ...event, at: times.get(event.id) ?? event.at })
    if (event.type === 'activityTaskScheduled') {
      const { activityId } = event.attributes
      activityIds.set(activityId, (activityIds.get(activityId) ?? 0) + 1)
    }
    for (const id of endedBy(event)) open.delete(id)
  }
  const latestAt = Math.max(earlier?.latestAt ?? 0, latestOf(times))
  return { workflowId, runId, started, through, latestAt, open, activityIds }
}

function isReferredTo({ type }: HistoryEvent): boolean {
  switch (type) {
    case 'activityTaskScheduled':
    case 'activityTaskStarted':
    case 'timerStarted':
    case 'startChildWorkflowExecutionInitiated':
    case 'nexusOperationScheduled':
    case 'workflowExecutionCancelRequested':
    case 'workflowExecutionUpdateAccepted':
      return true
    default:
      return false
  }
}

/** The events that nothing refers to any more after this one. */
function endedBy(event: HistoryEvent): readonly number[] {
  switch (event.type) {
    case 'activityTaskCompleted':
    case 'activityTaskFailed':
    case 'activityTaskTimedOut':
    case 'activityTaskCanceled':
      return [event.attributes.scheduledEventId, event.attributes.startedEventId]
    case 'timerFired':
    case 'timerCanceled':
      return [event.attributes.startedEventId]
    case 'startChildWorkflowExecutionFailed':
    case 'childWorkflowExecutionCompleted':
    case 'childWorkflowExecutionFailed':
    case 'childWorkflowExecutionCanceled':
    case 'childWorkflowExecutionTimedOut':
    case 'childWorkflowExecutionTerminated':
      return [event.attributes.initiatedEventId]
    case 'nexusOperationCompleted':
    case 'nexusOperationFailed':
    case 'nexusOperationCanceled':
    case 'nexusOperationTimedOut':
      return [event.attributes.scheduledEventId]
    case 'workflowExecutionUpdateCompleted':
      return [event.attributes.acceptedEventId]
    default:
      return []
  }
}

function latestOf(times: ReadonlyMap<number, number>): number {
  let latest = 0
  for (const at of times.values()) latest = Math.max(latest, at)
  return latest
}
