import {
  type ActiveSpan,
  type AuditEvent,
  createEventCatalogue,
  createUuidV7Generator,
  defaultRedaction,
  type EventCatalogue,
  type EventInput,
  prepareEvent,
  type RedactionPolicy,
  TrailError,
  type UuidGenerator,
} from '@steptrail/event'
import { executionIdText } from './event-filter.ts'
import type { ExecutionSequence } from './execution-sequence.ts'
import type { Candidate } from './place-events.ts'

/** Of what validation depends on, what a caller may set. */
export interface ValidationOptions {
  /** The event types that may be recorded; the built-in ones unless given. */
  readonly catalogue?: EventCatalogue | undefined
  /** What is a secret and must not go on record. */
  readonly redaction?: RedactionPolicy | undefined
  /** The span that events get which name none. */
  readonly activeSpan?: (() => ActiveSpan | undefined) | undefined
}

/** A valid event, and what of it the caller gave. */
export interface GivenEvent extends Candidate {
  readonly hasGivenTenant: boolean
  readonly hasGivenTrace: boolean
}

/** What validating gets from outside. */
export interface ValidationEnvironment {
  readonly catalogue: EventCatalogue
  readonly redaction: RedactionPolicy
  readonly activeSpan?: () => ActiveSpan | undefined
  readonly nextId: UuidGenerator
}

const builtInCatalogue = createEventCatalogue()

/** The options with their defaults. */
export const validationEnvironment = ({
  catalogue,
  redaction,
  activeSpan,
}: ValidationOptions): ValidationEnvironment => ({
  catalogue: catalogue ?? builtInCatalogue,
  redaction: redaction ?? defaultRedaction,
  nextId: createUuidV7Generator(),
  ...(activeSpan && { activeSpan }),
})

/** The first instant that the trail has a place for: no partition is made for a time before it. */
const earliestTimestamp = '2000-01-01T00:00:00.000Z'

/** Validates what a caller gave; see `prepareEvent` for what it throws. `now` is in milliseconds since 1970. */
export function givenEvent(input: EventInput, now: number, environment: ValidationEnvironment): GivenEvent {
  const { event, hasGivenId, hasGivenTimestamp } = prepareEvent(input, {
    ...environment,
    clock: { now: () => now },
  })
  if (event.timestamp < earliestTimestamp)
    throw new TrailError(
      'invalid_event',
      `event refused: timestamp lies before ${earliestTimestamp} (given: ${event.timestamp}); correct it`,
      { details: { path: 'timestamp', value: event.timestamp } },
    )
  return {
    event: event.executionId === null ? event : { ...event, executionId: executionIdText(event.executionId) },
    hasGivenId,
    hasGivenTimestamp,
    hasGivenTenant: (input.tenant ?? null) !== null,
    hasGivenTrace: (input.traceId ?? input.spanId ?? null) !== null,
  }
}

/**
 * The event with what it does not say itself of workflow, correlation id and tenant, as its execution has it.
 *
 * @throws TrailError `invalid_event` for an event of another tenant than its execution's
 */
export function inItsExecution(
  given: GivenEvent,
  execution: ExecutionSequence,
  catalogue: EventCatalogue,
): GivenEvent {
  const { event, hasGivenTenant } = given
  if (hasGivenTenant && event.tenant !== execution.tenant)
    throw new TrailError(
      'invalid_event',
      `event refused: tenant is not that of execution ${execution.executionId} (given: ${JSON.stringify(event.tenant)}); leave it out`,
      { details: { path: 'tenant', value: event.tenant } },
    )
  const allowed = catalogue.find(event.eventType)?.columns ?? {}
  const adopted: { -readonly [Key in keyof AuditEvent]?: AuditEvent[Key] } = { tenant: execution.tenant }
  for (const key of ['workflowName', 'workflowVersion', 'correlationId'] as const)
    if (event[key] === null && allowed[key] !== undefined) adopted[key] = execution[key]
  return { ...given, event: { ...event, ...adopted } }
}
