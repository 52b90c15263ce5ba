import { z } from 'zod'
import { TrailError } from './error.ts'
import { applicationColumns, type EventType } from './event-type.ts'
import { builtInEventTypes } from './event-types.ts'
import { eventLimits } from './limits.ts'

/** A type of event that an application adds. Its entity is OPERATION; it may set any column. */
export interface ApplicationEventType {
  /** `namespace.thing.happened`. */
  readonly eventType: string
  /** When it is recorded, in words. */
  readonly when: string
  /** Checks `details`, synchronously; it changes nothing, so defaults and transformations in it have no effect. */
  readonly details: z.ZodType
  /** Raise it when `details` changes its meaning. Default 1. */
  readonly schemaVersion?: number
}

/** What a catalogue is made from. */
export interface EventCatalogueOptions {
  readonly types?: readonly ApplicationEventType[]
  /**
   * What becomes of a type named like an application's that is not registered. `refuse`, the default: it is an
   * error. `flag`: it is recorded with `schemaVersion` 0, which says that no schema checked its details, and
   * `prepareEvent` reports `unregistered: true`.
   */
  readonly unregistered?: 'refuse' | 'flag'
}

/** The event types that may be recorded. */
export interface EventCatalogue {
  /** The built-in types and those registered, in this order. */
  readonly types: readonly EventType[]
  /** The type of this name; one with `schemaVersion` 0 for an unregistered name that is to be flagged. */
  find(eventType: string): EventType | undefined
}

/** How an application names a type: three or more parts, each beginning with a lower-case letter. */
const applicationName = /^[a-z][A-Za-z0-9_-]*(?:\.[a-z][A-Za-z0-9_-]*){2,}$/
const builtInNamespace = 'workflow.catalog.'

/**
 * A catalogue of the built-in types and an application's own. Throws `invalid_configuration` for a name that is
 * not `namespace.thing.happened`, is taken, or lies in `workflow.catalog.`, and for a version below 1.
 */
export function createEventCatalogue(options: EventCatalogueOptions = {}): EventCatalogue {
  const types = new Map<string, EventType>(builtInEventTypes.map((type) => [type.eventType, type]))
  for (const type of options.types ?? []) types.set(type.eventType, registered(type, types))
  return {
    types: [...types.values()],
    find: (eventType) =>
      types.get(eventType) ??
      (options.unregistered === 'flag' && isApplicationName(eventType) ? flagged(eventType) : undefined),
  }
}

const isApplicationName = (eventType: string): boolean =>
  applicationName.test(eventType) && !eventType.startsWith(builtInNamespace)

const anyApplicationType = {
  entityType: 'OPERATION',
  statuses: ['SUCCESS', 'FAILED', 'WARNING', null],
  columns: applicationColumns,
} as const

const flagged = (eventType: string): EventType => ({
  ...anyApplicationType,
  eventType,
  when: 'Not registered.',
  details: z.unknown(),
  schemaVersion: 0,
})

function registered(type: ApplicationEventType, taken: ReadonlyMap<string, EventType>): EventType {
  const { eventType, when, details, schemaVersion = 1 } = type
  const refuse = (problem: string): never => {
    throw new TrailError('invalid_configuration', `event type ${JSON.stringify(eventType)} ${problem}`, {
      details: { eventType },
    })
  }
  if (taken.has(eventType)) refuse('is taken: register each type once, under a name of your own')
  if (!applicationName.test(eventType))
    refuse('is not namespaced: name it like shop.order.shipped (letters, digits, _ and -)')
  if (eventType.startsWith(builtInNamespace))
    refuse(`lies in ${builtInNamespace}*, which is Steptrail's: choose another namespace`)
  if (eventType.length > eventLimits.nameLength)
    refuse(`is longer than ${eventLimits.nameLength} characters: shorten it`)
  if (!Number.isInteger(schemaVersion) || schemaVersion < 1 || schemaVersion > 2_147_483_647)
    refuse(`has schema version ${schemaVersion}: give 1, 2, 3, …`)
  return { ...anyApplicationType, eventType, when, details, schemaVersion }
}
