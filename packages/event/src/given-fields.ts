import { eventColumns } from './event-columns.ts'
import { type AuditEvent, assignedKeys } from './record.ts'
import { type Refusal, refusedEvent } from './refused-event.ts'

/** What a caller gave, by key of the record. Each value may still be anything, but none is null or undefined. */
export type GivenFields = { readonly [Key in keyof AuditEvent]?: unknown }

/** Takes an event's fields out of what was given. Refuses what is no object, an unknown key, and a key only the writer gives. */
export function givenFields(input: unknown): GivenFields {
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    throw refusedEvent({
      path: 'event',
      value: input,
      problem: 'is not an object',
      action: 'give an object with eventType',
    })
  const fields: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(input) as [string, unknown][]) {
    if (value === undefined) continue
    if (!mayBeGiven.has(key)) throw refusedEvent(unknownKey(key, value))
    if (value !== null) fields[key] = value
  }
  return fields
}

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
