export { Client, type ClientOptions, createClient } from './client.ts'
export type { ConnectionOptions } from './connection/connection-options.ts'
export { CatalogApi, type CatalogQuery, type ScoresQuery, type SelectionQuery } from './api/catalog-api.ts'
export { DiscoveryApi, type DiscoveryListQuery, type DiscoveryQuery } from './api/discovery-api.ts'
export { EventApi, type EventQuery } from './api/event-api.ts'
export {
  ExecutionApi,
  type ExecutionQuery,
  type StartedWorkflow,
  type StartExecutionOptions,
  type StepAuditPaging,
} from './api/execution-api.ts'
export type { Page } from './api/pages.ts'
export type { RequestOptions } from './api/request-options.ts'
export { createHttpDispatch } from './dispatch/http-dispatch.ts'
export { createHttpSink } from './recording/http-sink.ts'
export type { FollowedEvent, FollowEventsOptions, FollowTrouble } from './stream/follow-events.ts'
export type {
  ActionTypeList,
  CatalogAction,
  CatalogEntry,
  CatalogList,
  CatalogStatus,
  CatalogSummary,
  Event,
  EventExportQuery,
  EventList,
  Execution,
  ExecutionAction,
  ExecutionList,
  Limits,
  OfferedActions,
  OfferedWorkflow,
  OfferedWorkflows,
  Registered,
  Scores,
  ScoreWeights,
  Scoring,
  SelectionList,
  SelectionReason,
  SelectionReplay,
  SignalContext,
  Started,
  StepAction,
  StepAuditMessage,
  StepList,
  Timeline,
  ValidatedSelection,
  WhyNot,
} from './messages/index.ts'
export { type EventInput, TrailError } from '@steptrail/event'
