import {
  type Clock,
  createEventCatalogue,
  createUuidV7Generator,
  type EventCatalogue,
  isUuid,
  prepareRow,
  type RedactionPolicy,
  systemClock,
  TrailError,
  type UuidGenerator,
} from '@steptrail/event'
import type { OutgoingEvent } from '@steptrail/recorder'
import { mayAct, type Principal } from '../access/principal.ts'

/** What preparing events depends on. */
export interface RecordingEnvironment {
  readonly clock: Clock
  readonly catalogue: EventCatalogue
  readonly redaction: RedactionPolicy
  readonly nextId: UuidGenerator
}

/** With the event types of an application, if it has some. */
export const recordingEnvironment = (
  redaction: RedactionPolicy,
  catalogue: EventCatalogue = createEventCatalogue({ unregistered: 'flag' }),
): RecordingEnvironment => ({ clock: systemClock, redaction, catalogue, nextId: createUuidV7Generator() })

/**
 * The row of an event that somebody sends. Its actor is who sends it, whatever the event says, where that is known;
 * an actor that it names is kept in `details.givenActor`. Its tenant is that of who sends it.
 *
 * @throws TrailError as `prepareEvent` does; `engine_event_refused` for what needs the scope `engine`
 */
export function prepareSent(
  given: unknown,
  principal: Principal,
  settings: RecordingEnvironment,
): OutgoingEvent {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new TrailError('invalid_event', 'event refused: it is not an object; give one with eventType', {
      details: { path: 'event' },
    })
  const { recorderId, recorderSeq, ...event } = given as Readonly<Record<string, unknown>>
  requireTimestamp(event)
  refuseAdministration(event)
  const environment = { ...settings, engine: mayAct(principal, 'engine') }
  return prepareRow(inTenantOf(principal, byPrincipal(principal, event)), environment, {
    recorder: recorderOf(recorderId, recorderSeq),
  })
}

type Fields = Readonly<Record<string, unknown>>

function requireTimestamp({ id, timestamp }: Fields): void {
  if ((id ?? null) === null || (timestamp ?? null) !== null) return
  throw refused('timestamp', 'timestamp is missing: an event with an id has its time beside it')
}

/** What happens to the trail itself is recorded by who does it. */
function refuseAdministration({ eventType }: Fields): void {
  if (typeof eventType !== 'string' || !eventType.startsWith('TRAIL_')) return
  throw new TrailError(
    'engine_event_refused',
    `event refused: ${eventType.slice(0, 80)} is recorded by the trail itself`,
    { details: { path: 'eventType' } },
  )
}

function byPrincipal({ actor }: Principal, event: Fields): Fields {
  if (!actor) return event
  const { actorType = null, actorId = null, details } = event
  const isOther =
    (actorType !== null || actorId !== null) && !(actorType === actor.type && actorId === actor.id)
  const asGiven = { ...event, actorType: actor.type, actorId: actor.id }
  if (!isOther) return asGiven
  const kept = typeof details === 'object' && details !== null && !Array.isArray(details) ? details : {}
  return { ...asGiven, details: { ...kept, givenActor: { type: actorType, id: actorId } } }
}

function inTenantOf({ tenant }: Principal, event: Fields): Fields {
  if (tenant === null) return event
  const given = event['tenant'] ?? tenant
  if (given === tenant) return { ...event, tenant }
  throw new TrailError(
    'access_denied',
    `event refused: tenant is not that of the key (given: ${JSON.stringify(given).slice(0, 80)}); leave it out`,
    { details: { path: 'tenant' } },
  )
}

function recorderOf(id: unknown, seq: unknown): { readonly id: string; readonly seq: number } | undefined {
  if ((id ?? null) === null && (seq ?? null) === null) return undefined
  if (!isUuid(id))
    throw refused('recorderId', 'recorderId is not a UUID: give one with recorderSeq, or neither')
  if (typeof seq === 'number' && Number.isSafeInteger(seq) && seq >= 1) return { id: id.toLowerCase(), seq }
  throw refused(
    'recorderSeq',
    'recorderSeq is not a whole number from 1 on: give one with recorderId, or neither',
  )
}

const refused = (path: string, problem: string): TrailError =>
  new TrailError('invalid_event', `event refused: ${problem}`, { details: { path } })
