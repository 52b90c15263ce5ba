import type { UncheckedEvent } from './column-checks.ts'
import { eventColumns } from './event-columns.ts'
import { assignedKeys } from './record.ts'
import { type Refusal, refusedEvent } from './refused-event.ts'

/** What a caller gave, by key of the record. Each value may still be anything; null where nothing was given. */
export type GivenFields = UncheckedEvent

/**
 * Takes an event's fields out of what was given, reading each once. Refuses what is no object, an unknown key, and a
 * key only the writer gives.
 */
export function givenFields(input: unknown): GivenFields {
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    throw refusedEvent({
      path: 'event',
      value: input,
      problem: 'is not an object',
      action: 'give an object with eventType',
    })
  const fields = noFields()
  for (const key of Object.keys(input)) {
    const value = (input as Readonly<Record<string, unknown>>)[key]
    if (value === undefined) continue
    if (!mayBeGiven.has(key)) throw refusedEvent(unknownKey(key, value))
    ;(fields as Record<string, unknown>)[key] = value
  }
  return fields
}

/** In the order of the table. */
const noFields = (): GivenFields => ({
  id: null,
  timestamp: null,
  recordedAt: null,
  eventType: null,
  entityType: null,
  status: null,
  severity: null,
  serviceName: null,
  executionId: null,
  executionSeq: null,
  workflowName: null,
  workflowVersion: null,
  stepName: null,
  stepId: null,
  operationType: null,
  durationMs: null,
  retryCount: null,
  correlationId: null,
  parentEventId: null,
  traceId: null,
  spanId: null,
  actorType: null,
  actorId: null,
  resourceType: null,
  resourceId: null,
  action: null,
  reason: null,
  message: null,
  details: null,
  tenant: null,
  schemaVersion: null,
  recorderId: null,
  recorderSeq: null,
  salt: null,
})

const assigned = new Set<string>(assignedKeys)
const mayBeGiven = new Set<string>(eventColumns.map(({ key }) => key).filter((key) => !assigned.has(key)))
const keyOfColumn = new Map<string, string>(eventColumns.map(({ key, column }) => [column, key]))

function unknownKey(key: string, value: unknown): Refusal {
  if (assigned.has(key))
    return { path: key, value, problem: 'is given by whoever writes the event', action: 'leave it out' }
  const meant = keyOfColumn.get(key)
  return {
    path: key.slice(0, 80),
    value,
    problem: 'is no key of an event',
    action: meant ? `write ${meant}` : 'put it into details, or correct its name',
  }
}
