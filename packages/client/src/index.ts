export { Client, type ClientOptions, createClient } from './client.ts'
export type { ConnectionOptions } from './connection/connection-options.ts'
export { AnalyticsApi, type ReportQuery } from './api/analytics-api.ts'
export { CatalogApi, type CatalogQuery, type ScoresQuery, type SelectionQuery } from './api/catalog-api.ts'
export { DiscoveryApi, type DiscoveryListQuery, type DiscoveryQuery } from './api/discovery-api.ts'
export { EventApi, type EventQuery } from './api/event-api.ts'
export {
  ExecutionApi,
  type ExecutionAuditQuery,
  type ExecutionQuery,
  type StartedWorkflow,
  type StartExecutionOptions,
  type StepAuditPaging,
} from './api/execution-api.ts'
export { KeyApi } from './api/key-api.ts'
export { LogApi, type LogQuery } from './api/log-api.ts'
export type { Page } from './api/pages.ts'
export type { RepeatableRequestOptions, RequestOptions } from './api/request-options.ts'
export { RetentionApi } from './api/retention-api.ts'
export { createHttpDispatch } from './dispatch/http-dispatch.ts'
export { createHttpSink } from './recording/http-sink.ts'
export type { FollowedEvent, FollowEventsOptions, FollowTrouble } from './stream/follow-events.ts'
export type {
  CreatedKey,
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
  Consistency,
  ErasureCertificate,
  ErasureOrder,
  ExecutionAction,
  ExecutionAudit,
  ExecutionAuditList,
  ExecutionList,
  Hold,
  Key,
  Limits,
  NewHold,
  NewKey,
  NewRetentionPolicy,
  Report,
  ReportList,
  RetentionPlan,
  RetentionPolicy,
  RetentionRun,
  Inclusion,
  LogStatusMessage,
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
