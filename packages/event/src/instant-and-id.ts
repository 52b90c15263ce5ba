import { z } from 'zod'
import type { Clock } from './clock.ts'
import type { GivenFields } from './given-fields.ts'
import { isUuid, timeOf, type UuidGenerator, uuidV7 } from './ids.ts'
import { isoInstant, sameSecond } from './iso-instant.ts'
import { eventLimits } from './limits.ts'
import { refusedEvent } from './refused-event.ts'

/** When an event happened, and its id, which says the same. */
export interface InstantAndId {
  readonly id: string
  readonly timestamp: string
  /** The same in milliseconds since 1970. */
  readonly timestampMs: number
}

/**
 * Time and id of an event: as given, each from the other where only one is given, else from the clock. Refuses a
 * time that is not ISO-8601 with whole milliseconds, before 1970, or more than an hour ahead; an id that is not
 * a UUID of version 7 or 8; and a time and an id that differ.
 */
export function instantAndId(
  given: GivenFields,
  environment: { readonly clock: Clock; readonly nextId?: UuidGenerator },
): InstantAndId {
  const now = environment.clock.now()
  const id = given.id === null ? undefined : checkedId(given.id)
  const timestampMs =
    given.timestamp === null ? (id === undefined ? now : timeOf(id)) : millisecondsOf(given.timestamp)
  refuseFuture(given.timestamp === null ? 'id' : 'timestamp', timestampMs, now)
  if (id !== undefined) refuseMismatch(id, timestampMs)
  return {
    id: id ?? (environment.nextId ?? uuidV7)(timestampMs),
    timestamp: isoInstant(timestampMs),
    timestampMs,
  }
}

const givenInstant = z.iso.datetime({ offset: true })

function millisecondsOf(timestamp: unknown): number {
  const known = typeof timestamp === 'string' ? sameSecond(timestamp) : null
  return known !== null && known >= 0 ? known : parsedInstant(timestamp)
}

function parsedInstant(timestamp: unknown): number {
  const refuse = (problem: string, action = 'give it as 2025-11-04T10:00:00.123Z'): never => {
    throw refusedEvent({ path: 'timestamp', value: timestamp, problem, action })
  }
  if (timestamp instanceof Date) return refuse('is a Date', 'give its toISOString()')
  if (typeof timestamp !== 'string' || !givenInstant.safeParse(timestamp).success)
    return refuse('is not an ISO-8601 time with its offset')
  if (/\.\d{3}\d*[1-9]/.test(timestamp)) return refuse('is finer than milliseconds')
  const timestampMs = Date.parse(timestamp)
  return timestampMs < 0 ? refuse('lies before 1970, which no id can say') : timestampMs
}

function checkedId(id: unknown): string {
  if (isUuid(id) && '78'.includes(id.charAt(14)) && '89abAB'.includes(id.charAt(19))) return id.toLowerCase()
  throw refusedEvent({
    path: 'id',
    value: id,
    problem: 'is not a UUID of version 7 or 8',
    action: 'leave it out, or make one with uuidV7 or uuidV8',
  })
}

function refuseFuture(path: 'id' | 'timestamp', timestampMs: number, now: number): void {
  if (timestampMs <= now + eventLimits.futureMs) return
  throw refusedEvent({
    code: 'event_timestamp_future',
    path,
    value: new Date(timestampMs).toISOString(),
    problem: `lies more than an hour ahead of the clock, which says ${new Date(now).toISOString()}`,
    action: 'set the clock of the machine that made the event, or correct the time',
  })
}

function refuseMismatch(id: string, timestampMs: number): void {
  const said = timeOf(id)
  if (said === timestampMs) return
  throw refusedEvent({
    code: 'event_id_mismatch',
    path: 'id',
    value: id,
    problem: `stands for ${new Date(said).toISOString()}, but timestamp is ${new Date(timestampMs).toISOString()}`,
    action: 'give only one of them, or an id made from the timestamp (uuidV7, uuidV8)',
  })
}
