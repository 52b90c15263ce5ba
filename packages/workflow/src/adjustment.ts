import { type Actor, type OperationType, reasonProblem, TrailError } from '@steptrail/event'
import { workflowLimits } from './limits.ts'
import type { DecisionEnvironment, Move, TransitionContext } from './move.ts'
import { contextOf } from './next-move.ts'
import { type ExecutionSnapshot, stepOf, type StepSnapshot } from './snapshot.ts'
import { isEnded } from './states.ts'

/** A change of a step's limits at run time, or the decision to do without it; why is said and recorded. */
export type Adjustment = {
  /** In words a person can use later. Not empty; at most 10,000 characters. */
  readonly reason: string
} & (
  | {
      readonly type: 'timeout'
      /** For the attempt under way, counted from its claim, and for those to come. Whole milliseconds. */
      readonly timeoutMs: number
      /** Default: the step that asks. */
      readonly step?: string
    }
  | {
      readonly type: 'retry'
      /** Retries after the first attempt, those already made included. */
      readonly maxRetries: number
      /** Default: the step that asks. */
      readonly step?: string
    }
  /** A step that has not begun, or waits for its retry, is not performed. */
  | { readonly type: 'skip'; readonly step: string }
)

/** An adjustment with who asks for it. */
export interface AdjustmentReport {
  readonly kind: 'adjust'
  readonly adjustment: Adjustment
  /** Of the step that is adjusted. Default: that of the attempt that asks, for its own step; else DO. */
  readonly operation?: OperationType
  /** The attempt whose handler asks, which must still be held; or an operator. */
  readonly by:
    | { readonly stepId: string; readonly attemptToken: string; readonly workerUuid: string }
    | { readonly actor: Actor; readonly approvedBy: Actor | null; readonly givenActor?: Actor | undefined }
}

/**
 * The moves that an adjustment calls for.
 *
 * @throws TrailError `adjustment_refused` when the attempt that asks is no longer held, the step is unknown or has
 *   ended, as when its execution has, the value is beyond its limits, or there is no reason that can go on record
 */
export function adjustmentMoves(
  execution: ExecutionSnapshot,
  report: AdjustmentReport,
  { redact }: Pick<DecisionEnvironment, 'redact'>,
): readonly Move[] {
  const { adjustment, by } = report
  if (execution.status !== null && isEnded(execution.status))
    throw refused(execution, report, `it is ${execution.status}${takenUpFirst(execution.status)}`)
  const step = targetOf(execution, report)
  const problem = problemOf(step, adjustment)
  if (problem !== null) throw refused(execution, report, problem)
  const context: TransitionContext = {
    ...contextOf(execution),
    reason: redact(adjustment.reason) as string,
    ...('actor' in by
      ? {
          actor: by.actor,
          ...(by.approvedBy && { approvedBy: by.approvedBy }),
          ...(by.givenActor && { givenActor: by.givenActor }),
        }
      : { workerUuid: by.workerUuid, actor: { type: 'worker', id: by.workerUuid } as const }),
  }
  const { stepId } = step
  switch (adjustment.type) {
    case 'timeout': {
      const { timeoutMs } = adjustment
      return [{ kind: 'adjustment', stepId, change: { timeoutMs }, context }]
    }
    case 'retry': {
      const { maxRetries } = adjustment
      return [{ kind: 'adjustment', stepId, change: { maxRetries }, context }]
    }
    case 'skip':
      return [
        { kind: 'adjustment', stepId, change: {}, context },
        { kind: 'step', stepId, from: step.status, to: 'skipped', context },
      ]
  }
}

/** An execution that may still go on has to, before anything of it is changed. */
const takenUpFirst = (status: string): string =>
  status === 'rollback_failed'
    ? '; take its rollback up with `retry-rollback`, and adjust the attempt under way'
    : ''

function targetOf(execution: ExecutionSnapshot, report: AdjustmentReport): StepSnapshot {
  const { adjustment, by } = report
  const asking = 'stepId' in by ? stepOf(execution, by.stepId) : null
  if (
    asking &&
    (asking.status !== 'in_progress' || !('attemptToken' in by) || asking.attemptToken !== by.attemptToken)
  )
    throw refused(execution, report, 'the attempt that asks is no longer held')
  const name = adjustment.step ?? asking?.name
  const operation = report.operation ?? (name === asking?.name ? asking?.operation : 'DO')
  const found = execution.steps.find((step) => step.name === name && step.operation === operation)
  if (found) return found
  throw refused(execution, report, `there is no step ${name ?? '(none was named)'}`)
}

function problemOf(step: StepSnapshot, adjustment: Adjustment): string | null {
  const ofReason = reasonProblem(adjustment.reason)
  if (ofReason !== null) return `say why, for those who read it later: ${ofReason}`
  const isOver = step.completedAt !== null && step.status !== 'error'
  if (isOver) return `step ${step.name} is ${step.status}`
  switch (adjustment.type) {
    case 'timeout':
      return wholeProblem('timeoutMs', adjustment.timeoutMs, { from: 1, to: workflowLimits.timeoutMs })
    case 'retry':
      return wholeProblem('maxRetries', adjustment.maxRetries, { from: 0, to: workflowLimits.maxRetries })
    case 'skip':
      return step.operation === 'DO' && (step.status === 'pending' || step.status === 'waiting_for_retry')
        ? null
        : `step ${step.operation} ${step.name} is ${step.status}`
  }
}

const wholeProblem = (
  option: string,
  value: number,
  { from, to }: { readonly from: number; readonly to: number },
): string | null =>
  Number.isInteger(value) && value >= from && value <= to
    ? null
    : `${option} is ${value}: give a whole number from ${from} to ${to}`

const refused = (
  { executionId }: ExecutionSnapshot,
  { adjustment }: AdjustmentReport,
  why: string,
): TrailError =>
  new TrailError(
    'adjustment_refused',
    `The ${adjustment.type} adjustment is refused for execution ${executionId}: ${why}. Nothing was changed.`,
    { details: { executionId, adjustment } },
  )
