import { formatDuration } from './duration.ts'
import { detailNumber, detailText } from './event-details.ts'
import type { TimelineEvent } from './timeline-event.ts'

/** What an event is about: a step and its operation, else an action, else a resource. */
export function subjectOf({ stepName, operationType, action, resourceId }: TimelineEvent): string {
  if (stepName !== null) return `${stepName} ${operationType ?? ''}`.trim()
  return action ?? resourceId ?? ''
}

/** What an event says beyond its type and step, in a few words; the arrow points from a step to its service. */
export function describeEvent(event: TimelineEvent, arrow = '→'): string {
  switch (event.eventType) {
    case 'STEP_STARTED':
      return `${arrow} ${event.serviceName ?? ''}`
    case 'STEP_SUCCESS':
      return [took(event), attemptText(event)].filter((text) => text !== '').join(', ')
    case 'STEP_FAILED':
      return `attempt ${(event.retryCount ?? 0) + 1}: ${failureOf(event)}`
    case 'STEP_RETRY_TRIGGERED':
      return `${detailText(event, 'message') ?? 'Retry'} in ${formatDuration(detailNumber(event, 'backoffMs') ?? 0)}`
    case 'ROLLBACK_STARTED':
      return namesOf(event, 'stepsToRollback')
    case 'ROLLBACK_COMPLETED':
      return namesOf(event, 'rolledBackSteps')
    case 'ORCHESTRATION_COMPLETED':
      return took(event)
    default:
      return event.reason ?? event.message ?? ''
  }
}

/** The reason for people; where that only says that the retries are used up, the error as well. */
function failureOf(event: TimelineEvent): string {
  const error = detailText(event, 'errorMessage')
  if (event.reason === null || error === null) return event.reason ?? error ?? ''
  return event.reason.startsWith('Retry exhausted') ? `${event.reason} (${error})` : event.reason
}

const took = (event: TimelineEvent): string =>
  event.durationMs === null ? '' : `in ${formatDuration(event.durationMs)}`

const attemptText = (event: TimelineEvent): string =>
  event.retryCount ? `attempt ${event.retryCount + 1}` : ''

function namesOf(event: TimelineEvent, key: string): string {
  const names: unknown = event.details?.[key]
  if (!Array.isArray(names)) return ''
  return names.length === 0 ? 'nothing to roll back' : names.join(', ')
}
