export { ancestorsOf } from './ancestors.ts'
export { backoffDelayMs } from './backoff.ts'
export { decide, type Report } from './decide.ts'
export type { Backoff, RetryPolicy, StepDefinition, WorkflowDefinition } from './definition.ts'
export type { DerivedEvent } from './derived-event.ts'
export type {
  Claim,
  Dispatch,
  HeldAttempt,
  Implementation,
  ReportedError,
  Result,
  ResultOutcome,
  WorkerRegistration,
} from './dispatch.ts'
export { eventsOf } from './events-of.ts'
export type {
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
