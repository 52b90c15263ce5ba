import type { Json } from '@steptrail/verify'
import type { Actor, OperationType } from '@steptrail/event'
import type { EffectivenessParameters } from './effectiveness.ts'
import type { ReportedResult } from './snapshot.ts'
import type { ExecutionState, StepState } from './states.ts'

/** Who and why, beside a transition. All of it is optional, and what is not given is not invented. */
export interface TransitionContext {
  readonly workerUuid?: string
  readonly correlationId?: string
  readonly actor?: Actor
  readonly reason?: string
  /** The second person who agreed to an operator's order. */
  readonly approvedBy?: Actor
  /** Whom the order named as its actor, where `actor` is who was authenticated. */
  readonly givenActor?: Actor
}

/** A step that a move creates. */
export interface NewStep {
  readonly index: number
  readonly name: string
  readonly operation: OperationType
  readonly undoes: string | null
}

/** Why an attempt counts as failed although no worker said so; its outcome is unknown. */
export interface Silence {
  readonly code: 'timeout' | 'worker_lost'
  readonly message: string
  readonly reason: string
}

/** One change of a step's state. */
export interface StepMove {
  readonly kind: 'step'
  readonly stepId: string
  readonly from: StepState | null
  readonly to: StepState
  readonly context: TransitionContext
  /** With `from: null`: the step that comes to be. */
  readonly creates?: NewStep
  /** With a worker's report: what it reported. */
  readonly report?: ReportedResult
  /** When the clock ends an attempt. */
  readonly silence?: Silence
  /** When nobody knows what the attempt did: it fell silent, was told to stop, was given back after it had begun, or gave no usable output. */
  readonly outcomeUnknown?: true
  /** To `waiting_for_retry`: how long. */
  readonly delayMs?: number
  /** To `in_progress`: the name of the attempt that begins. */
  readonly attemptToken?: string
  /** The operator's order that it follows from. */
  readonly order?: string
  /** To `resolved_manually`: what the step yields. */
  readonly output?: Json
}

/** One change of an execution's state. */
export interface ExecutionMove {
  readonly kind: 'execution'
  readonly from: ExecutionState | null
  readonly to: ExecutionState
  readonly context: TransitionContext
  /** To `rolling_back` or `blocked` on a failure: the step that failed, and its own error. */
  readonly failure?: { readonly step: string; readonly message: string }
  /** The operator's order that it follows from. */
  readonly order?: string
  /** `rolling_back` to itself: names of the steps to roll back, in order. */
  readonly plan?: readonly string[]
}

/** A change of a step's limits while it runs; no transition. */
export interface AdjustmentMove {
  readonly kind: 'adjustment'
  readonly stepId: string
  /** What is changed; empty when the step is to be skipped, which the next move does. */
  readonly change: { readonly timeoutMs?: number; readonly maxRetries?: number }
  readonly context: TransitionContext
}

/** A result that changed nothing, because its worker no longer held the step. */
export interface Rejection {
  readonly kind: 'rejection'
  readonly stepId: string
  readonly context: TransitionContext
  /** The number of the attempt that the result belongs to. */
  readonly attempt: number
  readonly attemptToken: string
  readonly success: boolean
}

/** What a decision consists of. */
export type Move = StepMove | ExecutionMove | AdjustmentMove | Rejection

/** What deciding gets from outside, so that it is a pure function of its arguments. */
export interface DecisionEnvironment {
  /** Milliseconds since 1970. */
  readonly now: number
  /** A number in [0, 1), for jitter. */
  readonly random: () => number
  /** An id for a step that a rollback creates. */
  readonly newId: () => string
  /** SHA-256 of a text, in hex. */
  readonly digest: (text: string) => string
  /** Takes secrets out of what goes on record. */
  readonly redact: (value: Json) => Json
  /** Whether a value fits a JSON Schema, for conditions. */
  readonly fits: (schema: Json, value: Json) => boolean
  /** The service name of whoever decides. */
  readonly serviceName: string
  /** What the effectiveness of an execution is calculated with; `defaultEffectiveness` unless given. */
  readonly effectiveness?: EffectivenessParameters
}

/**
 * A transition's `metadata` as it is stored: `worker_uuid`, `correlation_id`, `actor`, `reason`, and for a
 * worker's result `event { success, metadata { execution_time_ms }, result | error }`.
 */
export function metadataOf(
  move: StepMove,
  attempt: number,
  redact: (value: Json) => Json,
): Readonly<Record<string, Json>> {
  const { workerUuid, correlationId, actor, reason, approvedBy, givenActor } = move.context
  return {
    ...(attempt > 0 && { attempt }),
    ...(move.attemptToken !== undefined && { attempt_token: move.attemptToken }),
    ...(workerUuid !== undefined && { worker_uuid: workerUuid }),
    ...(correlationId !== undefined && { correlation_id: correlationId }),
    ...(actor !== undefined && { actor: { type: actor.type, id: actor.id } }),
    ...(reason !== undefined && { reason }),
    ...(approvedBy !== undefined && { approved_by: { type: approvedBy.type, id: approvedBy.id } }),
    ...(givenActor !== undefined && { given_actor: { type: givenActor.type, id: givenActor.id } }),
    ...(move.order !== undefined && { order: move.order }),
    ...(move.output !== undefined && { result: redact(move.output) }),
    ...(move.delayMs !== undefined && { backoff_ms: move.delayMs }),
    ...(move.outcomeUnknown && { outcome_unknown: true }),
    ...(move.silence && { error: { code: move.silence.code, message: move.silence.message } }),
    ...(move.report && { event: reportedEvent(move.report, redact) }),
  }
}

function reportedEvent(report: ReportedResult, redact: (value: Json) => Json): Json {
  const head = { success: report.success, metadata: { execution_time_ms: report.executionTimeMs } }
  return report.success
    ? { ...head, result: redact(report.output) }
    : { ...head, error: redact({ ...report.error }) }
}
