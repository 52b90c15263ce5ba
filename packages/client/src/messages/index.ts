export { anyObject } from './any-object.ts'
export { byName } from './by-name.ts'
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
export {
  healthSchema,
  type Limits,
  limitsSchema,
  type Readiness,
  readinessSchema,
  type RecorderLosses,
  recorderLossesSchema,
} from './operation.ts'
export { type Scope, scopes } from './scope.ts'
export { type Problem, problemSchema } from './problem.ts'
export { type ExecutionAction, executionActionSchema, type StepAction, stepActionSchema } from './action.ts'
export {
  actorSchema,
  type Execution,
  type ExecutionList,
  type ExecutionListQuery,
  executionListQuerySchema,
  executionListSchema,
  executionSchema,
  executionSummarySchema,
  type Start,
  type Started,
  startedSchema,
  startSchema,
  type StepList,
  stepListSchema,
  stepSchema,
  type Timeline,
  timelineSchema,
} from './execution.ts'
export {
  type StepAuditMessage,
  stepAuditListSchema,
  stepAuditQuerySchema,
  stepAuditSchema,
} from './step-audit.ts'
export { cursorParameter, limitParameter, textParameter, uuidParameter, wordParameter } from './parameters.ts'
export {
  type ErasureCertificate,
  erasureCertificateSchema,
  type ErasureOrder,
  erasureOrderSchema,
} from './erasure.ts'
export {
  type Consistency,
  consistencyQuerySchema,
  consistencySchema,
  type Inclusion,
  inclusionSchema,
  logQuerySchema,
  type LogStatusMessage,
  logStatusSchema,
} from './log.ts'
export {
  type CreatedKey,
  createdKeySchema,
  type Key,
  keyListSchema,
  keySchema,
  type NewKey,
  newKeySchema,
} from './key.ts'
export {
  adjustmentSchema,
  claimRequestSchema,
  claimSchema,
  claimsSchema,
  heardWorkerSchema,
  heartbeatAnswerSchema,
  heartbeatSchema,
  longestWaitMs,
  releaseSchema,
  reportAnswerSchema,
  reportSchema,
  resultSchema,
  waitAnswerSchema,
  waitQuerySchema,
  workerSchema,
  workflowDefinitionSchema,
} from './engine.ts'
export {
  auditListQuerySchema,
  auditListSchema,
  auditSchema,
  type ExecutionAudit,
  type ExecutionAuditList,
  type ExecutionAuditListQuery,
} from './execution-audit.ts'
export { type Report, type ReportList, reportListSchema, reportMadeSchema } from './report.ts'
export {
  type Hold,
  holdIdSchema,
  holdListSchema,
  holdReleaseSchema,
  type NewHold,
  newHoldSchema,
  type NewRetentionPolicy,
  newRetentionPolicySchema,
  type RetentionPlan,
  retentionPlanSchema,
  type RetentionPolicy,
  retentionPolicyListSchema,
  retentionPolicySchema,
  type RetentionRun,
  retentionRunListSchema,
} from './retention.ts'
export {
  type SignalContext,
  signalContextParameters,
  signalContextSchema,
  signalContextShape,
} from './signal-context.ts'
export {
  discoveryGetQuerySchema,
  discoveryListQuerySchema,
  type OfferedActions,
  offeredActionsSchema,
  type OfferedWorkflow,
  type OfferedWorkflows,
  offeredWorkflowSchema,
  offeredWorkflowsSchema,
  type SelectionToValidate,
  selectionToValidateSchema,
  type ValidatedSelection,
  validatedSelectionSchema,
  workflowIdParameter,
} from './discovery.ts'
export {
  type ActionTypeList,
  actionTypeListSchema,
  type CatalogAction,
  catalogActionSchema,
  type CatalogEntry,
  catalogEntrySchema,
  type CatalogList,
  type CatalogListQuery,
  catalogListQuerySchema,
  catalogListSchema,
  type CatalogStatus,
  catalogStatusSchema,
  type CatalogSummary,
  type NewScoreWeights,
  newWeightsSchema,
  type Registered,
  registeredSchema,
  registrationSchema,
  type ScoreWeights,
  weightsSchema,
} from './catalog.ts'
export { searchAnswerSchema, searchSchema } from './search.ts'
export {
  type Scores,
  scoresQuerySchema,
  scoresSchema,
  type Scoring,
  type SelectionList,
  type SelectionListQuery,
  selectionListQuerySchema,
  selectionListSchema,
  type SelectionReason,
  type SelectionReplay,
  selectionReplaySchema,
  type WhyNot,
  whyNotQuerySchema,
  whyNotSchema,
} from './selection.ts'
