import { givenHoldsWhatItMay, type UncheckedEvent } from './column-checks.ts'
import { isMilliseconds } from './details.ts'
import type { EventCatalogue } from './event-catalogue.ts'
import { eventColumns } from './event-columns.ts'
import { columnsOfEveryEvent, type EventType, type TypedColumn } from './event-type.ts'
import { planOf } from './event-plan.ts'
import { type AuditEvent, assignedKeys, auditEventSchema, type EventDetails } from './record.ts'
import { pathTo, type Refusal, refusedEvent } from './refused-event.ts'

/** The type of an event, if the catalogue has it and the caller may record it. */
export function typeOf(
  eventType: unknown,
  environment: { readonly catalogue: EventCatalogue; readonly engine?: boolean },
): EventType {
  const path = 'eventType'
  const type = typeof eventType === 'string' ? environment.catalogue.find(eventType) : undefined
  if (eventType === null)
    throw refusedEvent({ path, problem: 'is missing', action: 'say what kind of event it is' })
  if (!type)
    throw refusedEvent({
      code: 'unknown_event_type',
      path,
      value: eventType,
      problem: 'is not registered',
      action:
        "correct it, register it with createEventCatalogue({ types }), or allow it with unregistered: 'flag'",
    })
  if (environment.engine !== true && planOf(type).isOfEngine)
    throw refusedEvent({
      code: 'engine_event_refused',
      path,
      value: eventType,
      problem: `is recorded by ${type.entityType === 'TRAIL' ? 'the trail itself' : 'the engine'} only`,
      action: 'record an OPERATION or a type of your own, which may name an execution and a step',
    })
  return type
}

/**
 * The record, if every column of it holds what that column may. Id and timestamp have been made or checked, and the
 * columns that the writer gives are null.
 */
export function checkedColumns(event: UncheckedEvent): AuditEvent {
  if (givenHoldsWhatItMay(event)) return event as unknown as AuditEvent
  const { success, error } = auditEventSchema.safeParse(event)
  if (success) return event as unknown as AuditEvent
  const [issue] = error.issues
  const path = String(issue?.path[0])
  throw refusedEvent({
    path,
    value: event[path as keyof AuditEvent],
    problem: issue?.message ?? 'is not what the column holds',
    action: 'correct it',
  })
}

/** Refuses an event that has not the entity, schema version, status and columns that its type has. */
export function checkType(event: AuditEvent, type: EventType): void {
  if (isAsTyped(event, type)) return
  const refuse = (refusal: Omit<Refusal, 'action'>): never => {
    throw refusedEvent({ ...refusal, action: `see ${type.eventType} in the event reference` })
  }
  for (const path of ['entityType', 'schemaVersion'] as const)
    if (event[path] !== type[path])
      refuse({ path, value: event[path], problem: `is ${type[path]} for ${type.eventType}` })
  const [fault] = columnFaults(event, type).filter(({ key }) => !isAssigned.has(key))
  if (!fault) return
  const value = event[fault.key]
  refuse({ path: fault.key, problem: fault.problem, ...(value !== null && { value }) })
}

/** The same answer, sooner. */
function isAsTyped(event: AuditEvent, type: EventType): boolean {
  const { always, never } = planOf(type)
  return (
    event.entityType === type.entityType &&
    event.schemaVersion === type.schemaVersion &&
    type.statuses.includes(event.status) &&
    never.every((key) => event[key] === null) &&
    always.every((key) => event[key] !== null)
  )
}

/** A column that an event's type would have otherwise. */
export interface ColumnFault {
  readonly key: keyof AuditEvent
  /** `is missing: STEP_FAILED always has it`. */
  readonly problem: string
}

/**
 * Where an event on record differs from what its type says of columns and status: set though always null, null
 * though always set, a status it does not have. Empty for an event that is as it should be.
 */
export function columnFaults(event: AuditEvent, type: EventType): readonly ColumnFault[] {
  const faults: ColumnFault[] = []
  if (!type.statuses.includes(event.status))
    faults.push({
      key: 'status',
      problem: `is ${type.statuses.map((status) => status ?? 'null').join(' or ')} for ${type.eventType}`,
    })
  for (const key of everyEvent)
    if (event[key] === null) faults.push({ key, problem: 'is missing: every event has it' })
  for (const key of typedColumns) {
    const use = type.columns[key]
    if (use === 'always' && event[key] === null)
      faults.push({ key, problem: `is missing: ${type.eventType} always has it` })
    if (use === undefined && event[key] !== null)
      faults.push({ key, problem: `is set: ${type.eventType} never has it` })
  }
  return faults
}

const everyEvent: readonly (keyof AuditEvent)[] = columnsOfEveryEvent
const isAssigned = new Set<string>(assignedKeys)
const notTyped = new Set<string>([...columnsOfEveryEvent, 'status'])
const typedColumns = eventColumns
  .map(({ key }) => key)
  .filter((key): key is TypedColumn => !notTyped.has(key))

/** Refuses details that the type's schema refuses, and those with a number of milliseconds that is not whole. */
export function checkDetails(details: EventDetails | null, type: EventType): void {
  const { error } = parseDetails(details ?? {}, type)
  const issue = error?.issues[0]
  if (issue)
    throw refusedEvent({
      path: issue.path
        .map((key) => (typeof key === 'symbol' ? String(key) : key))
        .reduce<string>(pathTo, 'details'),
      problem: `does not fit ${type.eventType}: ${issue.message}`,
      action: 'give details as its schema wants them',
    })
  checkNumbers(Object.entries(details ?? {}), type)
}

/** Refuses those of the entries that are a number of milliseconds, or one that queries cast, and are not whole. */
export function checkNumbers(entries: Iterable<readonly [string, unknown]>, type: EventType): void {
  for (const entry of entries) checkWhole(entry, type)
}

/** A schema of an application may throw anything; it is the event that is refused. */
function parseDetails(details: EventDetails, type: EventType): ReturnType<EventType['details']['safeParse']> {
  try {
    return type.details.safeParse(details)
  } catch (cause) {
    throw refusedEvent(
      {
        path: 'details',
        problem: `could not be checked: the schema of ${type.eventType} threw ${String(cause).slice(0, 200)}`,
        action: 'correct the schema; it must check synchronously',
      },
      cause,
    )
  }
}

/** Numbers of a step that queries cast to `int` or `bigint`, and the largest that the cast takes. */
const stepNumbers: ReadonlyMap<string, number> = new Map([
  ...['backoffMs', 'retryCount', 'maxRetries', 'attempt'].map((key) => [key, 2_147_483_647] as const),
  ...['durationMs', 'waitedMs', 'totalDurationMs'].map((key) => [key, Number.MAX_SAFE_INTEGER] as const),
])

/** So that one odd event never fails a query that casts and averages such numbers. */
function checkWhole([key, value]: readonly [string, unknown], type: EventType): void {
  const largest = type.entityType === 'STEP' ? stepNumbers.get(key) : undefined
  if (value === null || (largest === undefined && !isMilliseconds(key))) return
  if (Number.isSafeInteger(value) && (largest === undefined || isWithin(value as number, largest))) return
  throw refusedEvent({
    path: pathTo('details', key),
    value,
    problem: largest === undefined ? 'is not a whole number' : `is not a whole number from 0 to ${largest}`,
    action: 'round it, or name it differently',
  })
}

const isWithin = (value: number, largest: number): boolean => value >= 0 && value <= largest
