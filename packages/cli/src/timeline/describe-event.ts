import type { AuditEvent } from '@steptrail/event'
import { formatDuration } from '../terminal/duration.ts'
import type { Style } from '../terminal/terminal.ts'
import { detailNumber, detailText } from './event-details.ts'
import type { Glyphs } from './glyphs.ts'

/** What an event is about: a step and its operation, else an action, else a resource. */
export function subjectOf({ stepName, operationType, action, resourceId }: AuditEvent): string {
  if (stepName !== null) return `${stepName} ${operationType ?? ''}`.trim()
  return action ?? resourceId ?? ''
}

/** How an event's type is painted. */
export function eventStyles(event: AuditEvent): readonly Style[] {
  if (event.status === 'FAILED') return ['red']
  if (event.status === 'SUCCESS') return ['green']
  return event.severity === 'warning' ? ['yellow'] : []
}

/** What an event says beyond its type and step, in a few words. */
export function describeEvent(event: AuditEvent, glyphs: Glyphs): string {
  switch (event.eventType) {
    case 'STEP_STARTED':
      return `${glyphs.arrow} ${event.serviceName ?? ''}`
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
function failureOf(event: AuditEvent): string {
  const error = detailText(event, 'errorMessage')
  if (event.reason === null || error === null) return event.reason ?? error ?? ''
  return event.reason.startsWith('Retry exhausted') ? `${event.reason} (${error})` : event.reason
}

const took = (event: AuditEvent): string =>
  event.durationMs === null ? '' : `in ${formatDuration(event.durationMs)}`

const attemptText = (event: AuditEvent): string => (event.retryCount ? `attempt ${event.retryCount + 1}` : '')

function namesOf(event: AuditEvent, key: string): string {
  const names: unknown = event.details?.[key]
  if (!Array.isArray(names)) return ''
  return names.length === 0 ? 'nothing to roll back' : names.join(', ')
}
