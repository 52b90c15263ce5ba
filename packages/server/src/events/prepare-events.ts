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

/** Makes the row of an event that somebody sends, whose fields may be changed meanwhile: it is nobody else's. */
export type PrepareSent = (given: unknown) => OutgoingEvent

/**
 * How the events of one sender are prepared. Their actor is who sends them, whatever they say, where that is known; an
 * actor that one names is kept in its `details.givenActor`. Their tenant is that of who sends them.
 *
 * @throws TrailError as `prepareEvent` does; `engine_event_refused` for what needs the scope `engine`
 */
export function preparingFor(principal: Principal, settings: RecordingEnvironment): PrepareSent {
  const environment = { ...settings, engine: mayAct(principal, 'engine') }
  return (given) => prepareSent(given, principal, environment)
}

function prepareSent(
  given: unknown,
  principal: Principal,
  environment: RecordingEnvironment & { readonly engine: boolean },
): OutgoingEvent {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new TrailError('invalid_event', 'event refused: it is not an object; give one with eventType', {
      details: { path: 'event' },
    })
  const event = given as Fields
  requireTimestamp(event)
  refuseAdministration(event)
  const recorder = takeRecorder(event)
  setActor(event, principal)
  setTenant(event, principal)
  return prepareRow(event, environment, { recorder })
}

type Fields = Record<string, unknown>

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

function setActor(event: Fields, { actor }: Principal): void {
  if (!actor) return
  const { actorType = null, actorId = null, details } = event
  const isOther =
    (actorType !== null || actorId !== null) && !(actorType === actor.type && actorId === actor.id)
  event['actorType'] = actor.type
  event['actorId'] = actor.id
  if (!isOther) return
  const kept = typeof details === 'object' && details !== null && !Array.isArray(details) ? details : {}
  event['details'] = { ...kept, givenActor: { type: actorType, id: actorId } }
}

function setTenant(event: Fields, { tenant }: Principal): void {
  if (tenant === null) return
  const given = event['tenant'] ?? tenant
  event['tenant'] = tenant
  if (given === tenant) return
  throw new TrailError(
    'access_denied',
    `event refused: tenant is not that of the key (given: ${JSON.stringify(given).slice(0, 80)}); leave it out`,
    { details: { path: 'tenant' } },
  )
}

/** What the recorder of the event says of itself is no field of the event. */
function takeRecorder(event: Fields): { readonly id: string; readonly seq: number } | undefined {
  const { recorderId: id, recorderSeq: seq } = event
  if (id === undefined && seq === undefined) return undefined
  event['recorderId'] = event['recorderSeq'] = undefined
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
