import type { Actor, OperationType } from '@steptrail/event'
import type { Json } from '@steptrail/verify'
import type { StepDefinition, WorkflowDefinition } from './definition.ts'
import type { ReportedError } from './dispatch.ts'
import type { AdaptiveAdjustment } from './execution-audit.ts'
import type { ExecutionState, StepState } from './states.ts'

/** What a worker said of an attempt, as deciding sees it. `executionTimeMs` is the worker's own measure. */
export type ReportedResult =
  | { readonly success: true; readonly executionTimeMs: number; readonly output: Json }
  | { readonly success: false; readonly executionTimeMs: number; readonly error: ReportedError }

/** What deciding needs to know of a step. Instants are milliseconds since 1970. */
export interface StepSnapshot {
  readonly stepId: string
  readonly index: number
  readonly name: string
  readonly operation: OperationType
  /** The DO step that an UNDO undoes; null for DO. */
  readonly undoes: string | null
  /** Null only before the step has been created. */
  readonly status: StepState | null
  /** Attempts made so far; 0 before the first claim. */
  readonly attempt: number
  readonly attemptToken: string | null
  readonly maxRetries: number
  readonly timeoutMs: number
  readonly workerUuid: string | null
  /** When it last became due for a claim. */
  readonly enqueuedAt: number | null
  /** When STEP_STARTED was recorded. */
  readonly startedAt: number | null
  /** When the current or last attempt was claimed. */
  readonly attemptStartedAt: number | null
  /** When the next attempt is due, while waiting for a retry. */
  readonly notBefore: number | null
  /** When the step came to its last outcome. */
  readonly completedAt: number | null
  /** Sequence number of its last outcome event: the order of completion. */
  readonly endedSeq: number | null
  /** True once an attempt ended, or was given back, without anybody knowing what it did, until one succeeds. */
  readonly outcomeUnknown: boolean
  /** The message of the last failed attempt; null when none failed. */
  readonly lastError: string | null
  readonly output: Json
  /** What the worker reported last and the metadata it was stored with, until it has been decided on. */
  readonly reported: { readonly result: ReportedResult; readonly metadata: Json } | null
}

/** What deciding needs to know of an execution, read under its lock. */
export interface ExecutionSnapshot {
  readonly executionId: string
  readonly status: ExecutionState | null
  readonly definition: WorkflowDefinition
  readonly definitionHash: string
  readonly input: Json
  /** What it yielded; null until it has completed. */
  readonly output: Json
  readonly correlationId: string
  /** Who started it; null when that was not given. */
  readonly actor: Actor | null
  /** Known at its start only: whom the start names as its actor, where `actor` is who was authenticated. */
  readonly givenActor?: Actor | undefined
  readonly createdAt: number
  /** When its rollback was triggered; null when it was not. */
  readonly rollbackTriggeredAt: number | null
  /** True once it was cancelled: its rollback then ends in `cancelled`, not in `failed`. */
  readonly isCancelled: boolean
  /** Names of the steps to roll back, in order, once that has been planned. */
  readonly rollbackPlan: readonly string[] | null
  /** Adjustments made so far, in order. */
  readonly adjustments: readonly AdaptiveAdjustment[]
  /** Sequence number of the event that it last ended with; null before its first end. */
  readonly endedSeq: number | null
  /** The sequence number that the next event gets. */
  readonly nextSeq: number
  /** Timestamp of the last event; null before the first. */
  readonly lastEventAt: number | null
  readonly steps: readonly StepSnapshot[]
}

/** The step of this id. Throws when the snapshot has none: whoever asks has read both from one place. */
export function stepOf(execution: ExecutionSnapshot, stepId: string): StepSnapshot {
  const step = execution.steps.find((candidate) => candidate.stepId === stepId)
  if (!step) throw new Error(`execution ${execution.executionId} has no step ${stepId}`)
  return step
}

/** The definition of a step, which DO and UNDO of it share. */
export function definitionOf(execution: ExecutionSnapshot, step: StepSnapshot): StepDefinition {
  const definition = execution.definition.steps.find((candidate) => candidate.name === step.name)
  if (!definition) throw new Error(`workflow ${execution.definition.name} defines no step ${step.name}`)
  return definition
}

/** Whether an attempt that fails now may be followed by another. */
export const hasRetriesLeft = (step: StepSnapshot): boolean => step.attempt <= step.maxRetries
