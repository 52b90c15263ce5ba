export { backoffDelayMs } from './backoff.ts'
export { claimOf } from './claim-of.ts'
export { decide, type Report } from './decide.ts'
export type { Backoff, RetryPolicy, StepDefinition, WorkflowDefinition } from './definition.ts'
export type { DerivedEvent } from './derived-event.ts'
export type {
  AdjustmentRequest,
  Claim,
  Dispatch,
  AllowedAttempt,
  HeartbeatAnswer,
  HeldAttempt,
  ReleasedAttempt,
  Implementation,
  ReportedError,
  Result,
  ResultOutcome,
  WorkerRegistration,
} from './dispatch.ts'
export {
  defaultEffectiveness,
  type EffectivenessFacts,
  effectivenessOf,
  type EffectivenessParameters,
} from './effectiveness.ts'
export { eventsOf } from './events-of.ts'
export {
  type AdaptiveAdjustment,
  adjustmentTypes,
  type ExecutionAudit,
  executionAuditJson,
  executionAuditOf,
  type StepExecutionAudit,
} from './execution-audit.ts'
export type {
  AdjustmentMove,
  DecisionEnvironment,
  ExecutionMove,
  Move,
  NewStep,
  Rejection,
  Silence,
  StepMove,
  TransitionContext,
} from './move.ts'
export { metadataOf } from './move.ts'
export { outputOf } from './orchestration-events.ts'
export type { ExecutionSnapshot, ReportedResult, StepSnapshot } from './snapshot.ts'
export {
  endedStates,
  executionMayMove,
  type ExecutionOutcome,
  executionOutcomes,
  executionRules,
  type ExecutionState,
  executionStates,
  isEnded,
  isSatisfied,
  satisfyingStates,
  stepMayMove,
  stepRules,
  type StepState,
  stepStates,
} from './states.ts'
export { type Advance, transit, type Transition } from './transit.ts'
export { definitionHash } from './definition-hash.ts'
export { workflowLimits } from './limits.ts'
export { outputsProblem } from './outputs-problem.ts'
export { reportedError, storableText } from './reported-error.ts'
export { storedJson, type StoredJson } from './stored-json.ts'
export {
  type CatalogContent,
  catalogContentOf,
  type CatalogOffer,
  type GateLabel,
  gateLabels,
} from './catalog-content.ts'
export { type CatalogStatus, catalogStatuses, type PassageKind, passageKinds } from './catalog-vocabulary.ts'
export { checkDefinition } from './check-definition.ts'
export { defineWorkflow, type StepsAmong, type WorkflowSpec } from './define.ts'
export { stepDefaults } from './definition-of.ts'
export type { DoContext, Handler, Handlers, Undo, UndoContext, Undoing } from './handlers.ts'
export type { Logger } from '@steptrail/event'
export type { ThroughJson } from './through-json.ts'
export { type CloseOptions, type CloseSummary, createWorker, Worker, type WorkerState } from './worker.ts'
export type { WorkerOptions } from './worker-options.ts'
export type {
  AncestorOutputs,
  AnyWorkflow,
  RetrySpec,
  StepOutput,
  StepSpec,
  StepSpecs,
  Workflow,
} from './workflow.ts'
export {
  FatalError,
  type HandlerErrorOptions,
  RetryableError,
  type RetryableErrorOptions,
} from './handler-errors.ts'
export type { OperatorReport, Order } from './operator.ts'
export { type ExecutionAuditInput, parseExecutionAudit, type PostedAudit } from './posted-audit.ts'
export type { Adjustment, AdjustmentReport } from './adjustment.ts'
export type { PolicyContext } from './workflow.ts'
