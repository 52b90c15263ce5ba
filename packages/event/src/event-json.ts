import type { Outcome } from './operation-vocabulary.ts'
import type { AuditEvent } from './record.ts'

/**
 * An event as JSON: the keys of the record, every one present, null when there is none, without the salt; and
 * beside them the same facts under the names of an operations log.
 */
export type EventJson = Omit<AuditEvent, 'salt'> & {
  /** `serviceName`, or `system`. */
  readonly source: string
  /** `actorId`. */
  readonly operator: string | null
  /** See `outcomeOf`. */
  readonly result: Outcome
  /** `details`. */
  readonly extraInfo: AuditEvent['details']
}

/** The JSON form of an event. */
export function toEventJson(event: AuditEvent): EventJson {
  const { salt: _, ...shown } = event
  return {
    ...shown,
    source: event.serviceName ?? 'system',
    operator: event.actorId,
    result: outcomeOf(event),
    extraInfo: event.details,
  }
}

const outcomeOfStatus = { SUCCESS: 'success', FAILED: 'failure', WARNING: 'warning' } as const

/** The status in lower case; without a status `success`, or `failure` where the severity is error or critical. */
export function outcomeOf({ status, severity }: Pick<AuditEvent, 'status' | 'severity'>): Outcome {
  if (status !== null) return outcomeOfStatus[status]
  return severity === 'error' || severity === 'critical' ? 'failure' : 'success'
}
