import { type Actor, TrailError } from '@steptrail/event'
import type { Json } from '@steptrail/verify'
import type { DecisionEnvironment, Move, StepMove, TransitionContext } from './move.ts'
import { contextOf } from './next-move.ts'
import { type ExecutionSnapshot, stepOf, type StepSnapshot } from './snapshot.ts'
import { isEnded, type StepState, stepMayMove } from './states.ts'

/** What an operator may order. Steps are named by id, so that DO and UNDO of one are told apart. */
export type Order =
  /** One more attempt, of DO or UNDO; or now, what waits for its retry. */
  | { readonly action: 'retry'; readonly stepId: string }
  /** Go on without it. */
  | { readonly action: 'skip'; readonly stepId: string }
  /** It has been done by hand: go on with this output. */
  | { readonly action: 'resolve'; readonly stepId: string; readonly output: Json }
  /** Start nothing new; what is under way ends. */
  | { readonly action: 'pause' }
  /** Go on after a pause. */
  | { readonly action: 'resume' }
  /** End it; with `rollback`, undo first what was done. */
  | { readonly action: 'cancel'; readonly rollback: boolean }
  /** One more attempt of each UNDO that failed for good. */
  | { readonly action: 'retry-rollback' }

/** An order with who gave it and why. */
export interface OperatorReport {
  readonly kind: 'operator'
  readonly order: Order
  readonly actor: Actor
  readonly reason: string
  /** The second person, where one agreed. */
  readonly approvedBy: Actor | null
  /** Whom the order named as its actor, where `actor` is who was authenticated. */
  readonly givenActor?: Actor | undefined
}

/**
 * The moves that an order calls for.
 *
 * @throws TrailError `order_refused` when the execution or step is in no state for it, naming the state
 */
export function operatorMoves(
  execution: ExecutionSnapshot,
  report: OperatorReport,
  { redact }: Pick<DecisionEnvironment, 'redact'>,
): readonly Move[] {
  const { order, actor, approvedBy, givenActor } = report
  const reason = redact(report.reason) as string
  const context = {
    ...contextOf(execution),
    actor,
    reason,
    ...(approvedBy && { approvedBy }),
    ...(givenActor && { givenActor }),
  }
  switch (order.action) {
    case 'pause':
      return [executionMove(execution, report, { from: 'running', to: 'paused', context })]
    case 'resume':
      return [executionMove(execution, report, { from: 'paused', to: 'running', context })]
    case 'cancel':
      return cancelMoves(execution, report, { rollback: order.rollback, context })
    case 'retry-rollback':
      return rollbackMoves(execution, report, context)
    case 'retry':
      return stepMoves(execution, report, { step: stepOf(execution, order.stepId), to: 'enqueued', context })
    case 'skip':
      return stepMoves(execution, report, { step: stepOf(execution, order.stepId), to: 'skipped', context })
    case 'resolve': {
      const step = stepOf(execution, order.stepId)
      return stepMoves(execution, report, { step, to: 'resolved_manually', context, output: order.output })
    }
  }
}

interface ExecutionChange {
  readonly from: 'running' | 'paused'
  readonly to: 'running' | 'paused'
  readonly context: TransitionContext
}

function executionMove(
  execution: ExecutionSnapshot,
  report: OperatorReport,
  { from, to, context }: ExecutionChange,
): Move {
  if (execution.status !== from) throw refused(execution, report, `it is ${execution.status}, not ${from}`)
  return { kind: 'execution', from, to, context, order: report.order.action }
}

function cancelMoves(
  execution: ExecutionSnapshot,
  report: OperatorReport,
  { rollback, context }: { readonly rollback: boolean; readonly context: TransitionContext },
): readonly Move[] {
  const { status } = execution
  const order = report.order.action
  if (status !== 'running' && status !== 'paused' && status !== 'blocked' && status !== 'pending')
    throw refused(execution, report, `it is ${status}`)
  if (rollback && status !== 'pending')
    return [{ kind: 'execution', from: status, to: 'rolling_back', context, order }]
  const open = execution.steps.flatMap((step): StepMove[] =>
    step.status !== null && stepMayMove(step.status, 'cancelled')
      ? [{ kind: 'step', stepId: step.stepId, from: step.status, to: 'cancelled', context, order }]
      : [],
  )
  return [...open, { kind: 'execution', from: status, to: 'cancelled', context, order }]
}

function rollbackMoves(
  execution: ExecutionSnapshot,
  report: OperatorReport,
  context: TransitionContext,
): readonly Move[] {
  if (execution.status !== 'rollback_failed')
    throw refused(execution, report, `it is ${execution.status}, not rollback_failed`)
  const order = report.order.action
  return [
    { kind: 'execution', from: 'rollback_failed', to: 'rolling_back', context, order },
    ...execution.steps
      .filter((step) => step.operation === 'UNDO' && step.status === 'error')
      .map(({ stepId }): Move => ({ kind: 'step', stepId, from: 'error', to: 'enqueued', context, order })),
  ]
}

interface StepOrder {
  readonly step: StepSnapshot
  readonly to: 'enqueued' | 'skipped' | 'resolved_manually'
  readonly context: TransitionContext
  readonly output?: Json
}

/** States from which an operator may have a step tried again. */
const retriable: readonly (StepState | null)[] = ['error', 'waiting_for_retry']

function stepMoves(
  execution: ExecutionSnapshot,
  report: OperatorReport,
  { step, to, context, output }: StepOrder,
): readonly Move[] {
  const order = report.order.action
  const { status } = execution
  const takesUp = status === 'rollback_failed' && step.operation === 'UNDO'
  if (status === null || (isEnded(status) && !takesUp)) throw refused(execution, report, `it is ${status}`)
  const allowed = to === 'enqueued' ? retriable.includes(step.status) : stepMayMove(step.status, to)
  if (!allowed || step.status === null)
    throw refused(execution, report, `step ${step.operation} ${step.name} is ${step.status}`)
  if (step.operation === 'DO' && status === 'rolling_back')
    throw refused(execution, report, `it rolls back, and ${step.name} will be undone`)
  const move: Move = {
    kind: 'step',
    stepId: step.stepId,
    from: step.status,
    to,
    context,
    order,
    ...(output !== undefined && { output }),
  }
  if (takesUp)
    return [{ kind: 'execution', from: 'rollback_failed', to: 'rolling_back', context, order }, move]
  // Whatever else has failed meanwhile is decided on at once, by its own rule.
  return status === 'blocked'
    ? [move, { kind: 'execution', from: 'blocked', to: 'running', context, order }]
    : [move]
}

const refused = (execution: ExecutionSnapshot, { order }: OperatorReport, why: string): TrailError =>
  new TrailError(
    'order_refused',
    `${order.action} is not possible for execution ${execution.executionId}: ${why}. Nothing was changed.`,
    { details: { executionId: execution.executionId, action: order.action, status: execution.status } },
  )
