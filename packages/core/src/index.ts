export {
  advanceExecution,
  type AdvancedExecution,
  type AdvanceEnvironment,
  writtenExecution,
} from './execution/advance-execution.ts'
export {
  type AppliedTransitions,
  applyTransitions,
  type ExecutionMoves,
} from './execution/apply-transitions.ts'
export { type ClaimedSteps, type ClaimRequest, claimSteps } from './execution/claim-steps.ts'
export {
  type CreatedExecution,
  createExecution,
  type NewExecution,
  newExecution,
} from './execution/create-execution.ts'
export { readVitals, type RetentionVitals, type TrailVitals } from './analytics/read-vitals.ts'
export { recentExecutionAudits } from './analytics/recent-audits.ts'
export type { Report, ReportColumn, ReportColumnKind, ReportRow } from './analytics/report.ts'
export {
  type ReportPeriod,
  reportPeriods,
  type ReportRequest,
  type SpecialFilter,
  specialFilters,
} from './analytics/report-request.ts'
export { type MadeReport, makeReport, reports } from './analytics/reports.ts'
export { archivedAuditDigests, type AuditDigest, auditDigests } from './execution-audit/audit-digests.ts'
export { insertExecutionAudits, type StoredExecutionAudit } from './execution-audit/audit-rows.ts'
export {
  type ExecutionAuditPage,
  type ExecutionAuditRequest,
  getExecutionAudit,
  listExecutionAudits,
  storedExecutionAuditJson,
} from './execution-audit/read-execution-audit.ts'
export {
  type StoreAuditOptions,
  type StoredAudit,
  storeWorkflowExecutionAudit,
} from './execution-audit/store-execution-audit.ts'
export type { WriteEnvironment } from './execution/write-executions.ts'
export {
  type DefinitionCache,
  getDefinition,
  loadDefinitions,
  registerDefinitions,
  requireDefinitions,
  sha256,
} from './execution/definitions.ts'
export type { ExecutionSummary } from './execution/execution-summary.ts'
export {
  executionNotFound,
  type ExecutionView,
  getExecution,
  requireExecutionId,
  type StepView,
  type UnattendedStep,
} from './execution/get-execution.ts'
export { type ExecutionFilter, type ExecutionPage, listExecutions } from './execution/list-executions.ts'
export {
  type LoadedBatch,
  type LoadedExecution,
  loadExecutions,
  type LoadOptions,
} from './execution/loaded-execution.ts'
export {
  type Database,
  type PreparedStatement,
  type Query,
  type QueryResult,
  type TakingStatement,
  type TransactionOptions,
} from './database/database.ts'
export { arrayHeader, arrayHeaderBytes, emptyArrayBytes } from './database/array-format.ts'
export { type BinaryRow } from './database/binary-row.ts'
export { enterByDoor, isByDoor } from './database/door/door-database.ts'
export { openDoor } from './database/door/open-door.ts'
export { findOldestWrite, type OldestWrite } from './database/oldest-write.ts'
export { openDatabase, type OpenDatabaseOptions } from './database/open-database.ts'
export { checkSchema } from './migrate/check-schema.ts'
export { migrate, type MigrateOptions, type MigrateResult } from './migrate/migrate.ts'
export {
  CommittedPartitions,
  ensureMonthsAhead,
  ensurePartitions,
  type PartitionedTable,
  partitionedTables,
  type PartitionMonth,
  partitionsOf,
} from './partition/ensure-partitions.ts'
export {
  type ApiKey,
  createApiKey,
  type CreatedApiKey,
  hasApiKeys,
  type KeyScope,
  keyScopes,
  listApiKeys,
  type NewApiKey,
  revokeApiKey,
  secretPrefix,
  useApiKey,
  type UsedApiKey,
} from './access/api-keys.ts'
export {
  beginRequest,
  type BegunRequest,
  endRequest,
  type IdempotentRequest,
} from './access/idempotent-request.ts'
export { prepareReceived } from './trail/received-event.ts'
export { type ParquetFacts, ParquetEvents } from './trail/parquet-events.ts'
export { readerOfTenant } from './roles/tenant-reader.ts'
export { readFeedHead } from './trail/feed-head.ts'
export type { FeedHead } from './trail/feed-head.ts'
export { eventsNotMoved, moveTrail, type MovedTable, type MoveOptions } from './move/move-trail.ts'
export type {
  CountedAttempt,
  Observation,
  ObservedEngine,
  ObservedError,
  ObservedHistory,
  ObservedStep,
  ObservedUpdate,
  PlacedObservation,
  SourcedObservation,
} from './observed/observation.ts'
export {
  type ObservationSource,
  sourceBatch,
  type SourceEntry,
  type SourceOpening,
  type SourceRecorderOptions,
} from './observed/observation-source.ts'
export { askWhetherThere, type Connecting, connectingTo } from './observed/engine-connection.ts'
export { engineOf } from './observed/observed-definition.ts'
export { idOf, observedExecutionId } from './observed/observed-ids.ts'
export { ObservationRecorder, type ObservationRecorderOptions } from './observed/record-observations.ts'
export { giveLease, type SourceLease, takeLease } from './observed/source-lease.ts'
export { SourceRecorder } from './observed/source-recorder.ts'
export { type TriggersToWatch, WatchedTriggers } from './observed/watched-triggers.ts'
export type { Archive, ArchivedFile, ArchiveRequest } from './retention/archive/archive.ts'
export type { ArchivedColumn } from './retention/archive/archived-columns.ts'
export { parquetArchive } from './retention/archive/parquet-archive.ts'
export { type ArchivedRow, RowDigest } from './retention/archive/row-digest.ts'
export { DailyRetention, type DailyRetentionOptions } from './retention/daily-retention.ts'
export type { GivenBy } from './retention/given-by.ts'
export { type Hold, type HoldMatch, listHolds, placeHold, releaseHold } from './retention/holds.ts'
export { planRetention, type PlannedMonth, type RetentionPlan } from './retention/plan-retention.ts'
export {
  defaultKeepDays,
  listRetentionPolicies,
  removeRetentionPolicy,
  type RetentionMatch,
  type RetentionPolicy,
  setRetentionPolicy,
} from './retention/policies.ts'
export { listRetentionRuns, type RetentionRun } from './retention/retention-runs.ts'
export type { RetentionOptions } from './retention/run-context.ts'
export { type UnfreedMonth } from './retention/free-months.ts'
export { type RetentionResult, runDueRetention, runRetention } from './retention/run-retention.ts'
export { applyGrants } from './roles/apply-grants.ts'
export { grantStatements } from './roles/grant-statements.ts'
export { readRights, type Right, type Rights, roleWithRight } from './roles/rights.ts'
export type { Reader } from './trail/compose.ts'
export { readCursor, writeCursor } from './trail/opaque-cursor.ts'
export type { EventFilter } from './trail/event-filter.ts'
export {
  feedCursor,
  type FeedBatch,
  type FeedStart,
  type FeedTrouble,
  follow,
  type FollowOptions,
} from './trail/follow.ts'
export { type FeedRows, type FeedRowsRequest, readFeedRows, snapshotOfCursor } from './trail/feed-rows.ts'
export { type FeedProjection } from './trail/feed-set.ts'
export {
  countEvents,
  type EventListRequest,
  type EventPage,
  listEvents,
  pageLimits,
} from './trail/list-events.ts'
export { type RecordedEvent, type RecordEnvironment, recordIn } from './trail/record-in.ts'
export {
  type EventToWrite,
  insertEvents,
  insertUnknownEvents,
  type TablePlace,
  type TransactionQuery,
} from './trail/write-events.ts'
export {
  getExecutionAuditHistory,
  getStepAuditHistory,
  requireStepOf,
  listStepAudit,
  type StepAudit,
  type StepAuditPage,
  type StepAuditPaging,
  type StepAuditRequest,
} from './audit/step-audit.ts'
export { getExecutionEvents, getExecutionTimeline, type TimelineEntry } from './trail/execution-events.ts'
export { type EventExport, exportEvents, type ExportRequest } from './trail/export-events.ts'
export { parseTimeSpan, type TimeSpan } from './trail/time-bound.ts'
export { isConnectionTrouble } from './trail/connection-trouble.ts'
export { type AdministrationEvent, recordAdministration, recordOwn } from './trail/record-administration.ts'
export {
  reconstruct,
  type ReconstructedAttempt,
  type ReconstructedExecution,
  type ReconstructedStep,
  reconstructExecution,
} from './trail/reconstruct-execution.ts'
export { CopiedRows } from './trail/copied-rows.ts'
export { createDatabaseSink } from './trail/database-sink.ts'
export { readRecorderGaps, type RecorderGap, type RecorderGapsRequest } from './trail/recorder-gaps.ts'
export { listenOn, type ListeningAt } from './listening/listen-on.ts'
export { createTrail, openTrail, Trail, type TrailOptions } from './trail/trail.ts'
export { spoolDestination, type SpoolingDatabase, type TrailRecorderSettings } from './trail/trail-spool.ts'
// What an application needs beside the database, so that most install this package and `@steptrail/saga` alone.
export {
  type Actor,
  type AuditEvent,
  createEventCatalogue,
  createRedactionPolicy,
  type ErrorCode,
  type EventInput,
  toEventJson,
  TrailError,
} from '@steptrail/event'
export {
  createRecorder,
  type FlushOptions,
  type FlushResult,
  type OpenOperation,
  type Operation,
  type OperationOptions,
  type Recorder,
  type RecorderCounts,
  type RecorderSettings,
} from '@steptrail/recorder'
export { closeOnSignals, makeDirectory, recorderOptionsFromEnv } from '@steptrail/recorder/node'
export { createWorker, defineWorkflow, FatalError, RetryableError } from '@steptrail/workflow'
