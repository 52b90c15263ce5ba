import type { AuditEvent, UuidGenerator } from '@steptrail/event'
import { isoOf, millisecondsOf } from '../execution/instant.ts'
import type { ExecutionSequence } from './execution-sequence.ts'

/** A validated event that is not on record yet. */
export interface Candidate {
  readonly event: AuditEvent
  /** Its id, and with it its time, is the caller's and stays. */
  readonly hasGivenId: boolean
  /** Its time is the caller's, and is moved no further than the order of the execution demands. */
  readonly hasGivenTimestamp: boolean
}

/** Events in their places, in the order given, and how far that takes the sequences. */
export interface PlacedEvents {
  readonly events: readonly AuditEvent[]
  /** Only those that advanced. */
  readonly sequences: readonly ExecutionSequence[]
}

/** What placing gets from outside. */
export interface PlaceEnvironment {
  /** Milliseconds since 1970. */
  readonly now: number
  readonly nextId: UuidGenerator
}

/** How far ahead of the clock an id may lie and still be placed: a little, since clocks differ. */
export const toleratedSkewMs = 1000

/**
 * Gives events of executions of ours their numbers, and every event its final time and id. Pure.
 *
 * An event whose id we make gets the next number; its time is the one given, or now, but never later than now
 * and at least 1 ms after the execution's last event. An event whose id the caller gave keeps its time: it gets
 * the next number when that time lies after the last event and not more than `toleratedSkewMs` ahead. Otherwise
 * it is recorded at its own time without a number, as an event is that somebody observed from outside: a number
 * would claim an order that its own time denies, and a time far ahead would drag all later events with it.
 */
export function placeEvents(
  candidates: readonly Candidate[],
  sequences: ReadonlyMap<string, ExecutionSequence>,
  environment: PlaceEnvironment,
): PlacedEvents {
  const advanced = new Map<string, ExecutionSequence>()
  const events = candidates.map((candidate) => {
    const executionId = candidate.event.executionId ?? ''
    const sequence = advanced.get(executionId) ?? sequences.get(executionId)
    const instant = instantOf(candidate, sequence, environment.now)
    if (sequence === undefined || !isInOrder(candidate, sequence, environment.now))
      return placed(candidate, instant, environment)
    advanced.set(executionId, { ...sequence, nextSeq: sequence.nextSeq + 1, lastEventAt: instant })
    return { ...placed(candidate, instant, environment), executionSeq: sequence.nextSeq }
  })
  return { events, sequences: [...advanced.values()] }
}

function instantOf(candidate: Candidate, sequence: ExecutionSequence | undefined, now: number): number {
  const given = millisecondsOf(candidate.event.timestamp)
  if (candidate.hasGivenId) return given
  const wanted = candidate.hasGivenTimestamp ? given : now
  return sequence === undefined ? wanted : Math.max(Math.min(wanted, now), earliestIn(sequence))
}

function isInOrder({ event, hasGivenId }: Candidate, sequence: ExecutionSequence, now: number): boolean {
  if (!hasGivenId) return true
  const instant = millisecondsOf(event.timestamp)
  return instant >= earliestIn(sequence) && instant <= now + toleratedSkewMs
}

const earliestIn = ({ lastEventAt }: ExecutionSequence): number =>
  lastEventAt === null ? 0 : lastEventAt + 1

function placed({ event, hasGivenId }: Candidate, instant: number, { nextId }: PlaceEnvironment): AuditEvent {
  return hasGivenId ? event : { ...event, id: nextId(instant), timestamp: isoOf(instant) }
}
