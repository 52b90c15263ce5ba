import { type AuditEvent, type Clock, type EventInput, TrailError } from '@steptrail/event'
import { advanceSequences, lockSequences } from './execution-sequence.ts'
import {
  type GivenEvent,
  givenEvent,
  inItsExecution,
  validationEnvironment,
  type ValidationOptions,
} from './given-events.ts'
import { isRepetition, readKnowledge } from './known-events.ts'
import { type PlacedEvents, placeEvents } from './place-events.ts'
import { insertEvents, insertUnknownEvents, type TablePlace, type TransactionQuery } from './write-events.ts'

/** What recording depends on; all of it has a default. */
export interface RecordEnvironment extends TablePlace, ValidationOptions {
  /** Replaces the database's clock. */
  readonly clock?: Clock | undefined
}

/** What became of one event. */
export interface RecordedEvent {
  readonly id: string
  readonly timestamp: string
  /** Its number in its execution; null when it has no execution of ours, or its time is out of order there. */
  readonly executionSeq: number | null
  /** `duplicate`: it was on record already, and nothing was written. */
  readonly outcome: 'created' | 'duplicate'
}

/**
 * Records events in the caller's transaction: they commit or fail with whatever else it does. Nothing is written
 * unless every event is valid. The answer has one entry for each event, in the order given.
 *
 * An event that names an execution of ours gets the next number of its sequence, and a time later than its last
 * event's. The execution's row stays locked until the transaction ends; a transaction that records for several
 * executions should do so in one call, which takes the locks in a fixed order. What the event does not say of
 * workflow, correlation id and tenant it has from the execution. Events that name other executions, or none, are
 * recorded as they are, without a number.
 *
 * With an id of the caller's, whose first 48 bits are the timestamp, the call may be repeated whatever became of
 * the first one: an event that is on record with the same content is a duplicate, uses no number and changes
 * nothing. Such an event keeps its time, so it gets no number if its execution has gone past that time; see
 * `placeEvents`.
 *
 * @throws TrailError `invalid_input` for what is no array; `invalid_event` and its kin (see `prepareEvent`); `engine_event_refused` for ORCHESTRATION,
 *   STEP and TRAIL; `event_conflict` for an id that is on record with other content. Let it leave the
 *   transaction, so that all of it rolls back.
 */
export async function recordIn(
  tx: TransactionQuery,
  events: readonly EventInput[],
  environment: RecordEnvironment = {},
): Promise<readonly RecordedEvent[]> {
  requireArray(events)
  if (events.length === 0) return []
  const validation = validationEnvironment(environment)
  const startedAt = environment.clock?.now() ?? (await readKnowledge(tx, [], environment)).now
  const given = events.map((event) => givenEvent(event, startedAt, validation))

  const sequences = await lockSequences(tx, executionIdsOf(given), environment)
  const settled = given.map((each) => {
    const sequence = sequences.get(each.event.executionId ?? '')
    return sequence ? inItsExecution(each, sequence, validation.catalogue) : each
  })
  const identified = settled.filter(({ hasGivenId }) => hasGivenId)
  const known = await readKnowledge(tx, identified.map(eventOf), environment)
  const fresh = withoutRepetitions(settled, known.events)

  const now = environment.clock?.now() ?? known.now
  const placed = placeEvents(fresh, sequences, { now, nextId: validation.nextId })
  const stored = new Map([...known.events, ...(await writePlaced(tx, { fresh, placed }, environment))])
  return answersFor(settled, new Map(fresh.map((each, index) => [each, placed.events[index]])), stored)
}

function requireArray(events: unknown): void {
  if (Array.isArray(events)) return
  throw new TrailError('invalid_input', 'recordIn takes an array of events: put a single one into brackets')
}

const eventOf = ({ event }: GivenEvent): AuditEvent => event

const executionIdsOf = (given: readonly GivenEvent[]): readonly string[] =>
  given.flatMap(({ event }) => event.executionId ?? [])

/** Those that are neither on record nor in the list before. An id that comes with other content is a conflict. */
function withoutRepetitions(
  given: readonly GivenEvent[],
  known: ReadonlyMap<string, AuditEvent>,
): readonly GivenEvent[] {
  const seen = new Map(known)
  return given.filter((each) => {
    if (!each.hasGivenId) return true
    const before = seen.get(each.event.id)
    if (before) requireRepetition(each, before)
    else seen.set(each.event.id, each.event)
    return before === undefined
  })
}

function requireRepetition(given: GivenEvent, known: AuditEvent): void {
  if (isRepetition(given, known)) return
  throw conflict(given.event.id)
}

const conflict = (id: string, cause?: unknown): TrailError =>
  new TrailError(
    'event_conflict',
    `event ${id} is on record with other content: repeat an id only with the same event, and give another event an id of its own`,
    { details: { id }, ...(cause !== undefined && { cause }) },
  )

interface Writing {
  readonly fresh: readonly GivenEvent[]
  readonly placed: PlacedEvents
}

/**
 * Writes what has been placed; returns the events that another transaction has put on record meanwhile. That can
 * befall only an event without a number: those with one are written under their execution's lock.
 */
async function writePlaced(
  tx: TransactionQuery,
  { fresh, placed }: Writing,
  place: TablePlace,
): Promise<ReadonlyMap<string, AuditEvent>> {
  const isContended = ({ executionSeq }: AuditEvent, index: number): boolean =>
    executionSeq === null && fresh[index]?.hasGivenId === true
  const contended = placed.events.filter(isContended)
  const written = await insertUnknownEvents(tx, contended, place)
  const late = contended.filter(({ id }) => !written.has(id))
  const overtaken =
    late.length > 0 ? (await readKnowledge(tx, late, place)).events : new Map<string, AuditEvent>()
  for (const each of fresh) {
    const before = overtaken.get(each.event.id)
    if (before) requireRepetition(each, before)
  }
  await insertEvents(
    tx,
    placed.events.filter((event, index) => !isContended(event, index)),
    place,
  )
  await advanceSequences(tx, placed.sequences, place)
  return overtaken
}

function answersFor(
  given: readonly GivenEvent[],
  placed: ReadonlyMap<GivenEvent, AuditEvent | undefined>,
  stored: ReadonlyMap<string, AuditEvent>,
): readonly RecordedEvent[] {
  const created = new Map([...placed.values()].flatMap((event) => (event ? [[event.id, event]] : [])))
  return given.map((each) => {
    const before = stored.get(each.event.id)
    const event = before ?? placed.get(each) ?? created.get(each.event.id) ?? each.event
    return {
      id: event.id,
      timestamp: event.timestamp,
      executionSeq: event.executionSeq,
      outcome: before || !placed.has(each) ? 'duplicate' : 'created',
    }
  })
}
