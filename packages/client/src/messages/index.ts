export {
  type Event,
  eventInputSchema,
  eventSchema,
  type EventToPost,
  type PostedEvent,
  recordedSchema,
  type Recording,
  recordingSchema,
} from './event.ts'
export {
  type EventExportQuery,
  eventExportQuerySchema,
  type EventList,
  type EventListQuery,
  eventListQuerySchema,
  eventListSchema,
  type EventStreamQuery,
  eventStreamQuerySchema,
} from './event-query.ts'
export { healthSchema, type Limits, limitsSchema, type Readiness, readinessSchema } from './operation.ts'
export { type Scope, scopes } from './scope.ts'
export { type Problem, problemSchema } from './problem.ts'
