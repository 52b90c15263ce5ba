export { systemClock } from './clock.ts'
export type { Clock } from './clock.ts'
export { errorCodes, TrailError } from './error.ts'
export type { ErrorCode, ErrorCodeEntry, TrailErrorOptions } from './error.ts'
export { eventColumns } from './event-columns.ts'
export type { EventColumn } from './event-columns.ts'
export { createUuidV7Generator, isUuid, timestampOfUuid, uuidV7, uuidV8 } from './ids.ts'
export type { FillRandom, UuidGenerator } from './ids.ts'
export { eventLimits } from './limits.ts'
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
