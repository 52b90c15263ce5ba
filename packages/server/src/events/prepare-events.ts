import { prepareReceived } from '@steptrail/core'
import {
  type Clock,
  createEventCatalogue,
  createUuidV7Generator,
  type EventCatalogue,
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
  setActor(event, principal)
  setTenant(event, principal)
  return prepareReceived(event, environment)
}

type Fields = Record<string, unknown>

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
    `event refused: tenant is not that of the key (given: ${shown(given)}); leave it out`,
    { details: { path: 'tenant' } },
  )
}

/** Anything may be given, also what is nested deeper than can be written out. */
const shown = (given: unknown): string =>
  typeof given === 'object' ? 'no text' : JSON.stringify(given).slice(0, 80)
