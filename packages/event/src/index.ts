export { actorProblem, reasonProblem } from './actor-and-reason.ts'
export { carefully, carefulLogger } from './carefully.ts'
export type { Logger } from './logger.ts'
export { Outage } from './outage.ts'
export { systemClock } from './clock.ts'
export type { Clock } from './clock.ts'
export { engineCapabilities, notObservable } from './engine-capabilities.ts'
export type { EngineCapabilities, EngineCapability } from './engine-capabilities.ts'
export { errorCodes, TrailError } from './error.ts'
export type { ErrorCodeEntry } from './error-code-entry.ts'
export type { ErrorCode, TrailErrorOptions } from './error.ts'
export { createEventCatalogue } from './event-catalogue.ts'
export type { ApplicationEventType, EventCatalogue, EventCatalogueOptions } from './event-catalogue.ts'
export { columnFaults } from './event-checks.ts'
export type { ColumnFault } from './event-checks.ts'
export { eventColumns } from './event-columns.ts'
export type { EventColumn } from './event-columns.ts'
export { outcomeOf, toEventJson } from './event-json.ts'
export type { EventJson } from './event-json.ts'
export { largestRowSize, PreparedRow, prepareRow, rowKeys } from './prepared-row.ts'
export type { Cell, RowKey, RowWriter } from './prepared-row.ts'
export { fromEventRow, toEventRow } from './event-row.ts'
export type { EventRow } from './event-row.ts'
export { columnsOfEveryEvent } from './event-type.ts'
export type { ColumnUse, EventType, TypedColumn } from './event-type.ts'
export { builtInEventTypes, engineEntityTypes } from './event-types.ts'
export type { BuiltInEventType } from './event-types.ts'
export { createUuidV7Generator, isUuid, timestampOfUuid, uuidV7, uuidV8 } from './ids.ts'
export type { FillRandom, UuidGenerator } from './ids.ts'
export { firstInstantMs, instantText, lastInstantMs, withinInstants } from './instant-text.ts'
export { isoInstant } from './iso-instant.ts'
export { isStorable } from './quoted-text.ts'
export { eventLimits } from './limits.ts'
export { knownActions, knownSources, outcomes } from './operation-vocabulary.ts'
export type { Outcome } from './operation-vocabulary.ts'
export { prepareEvent } from './prepare-event.ts'
export type { ActiveSpan, PreparedEvent, PrepareEnvironment } from './prepare-event.ts'
export {
  actorTypes,
  assignedKeys,
  auditEventSchema,
  entityTypes,
  eventStatuses,
  operationTypes,
  severities,
} from './record.ts'
export type {
  Actor,
  ActorType,
  AssignedKey,
  AuditEvent,
  EntityType,
  EventDetails,
  EventInput,
  EventStatus,
  JsonInput,
  OperationType,
  Severity,
} from './record.ts'
export { createRedactionPolicy, defaultRedaction, redact, redacted } from './redaction.ts'
export { valuesByName } from './values-by-name.ts'
export type { RedactionOptions, RedactionPolicy, TextPattern } from './redaction.ts'
