import type { Execution, ExecutionAction, StepAction } from '@steptrail/client'
import { executionMayMove, isEnded, stepMayMove } from '@steptrail/workflow/states'

/** An order that an operator may choose, in words. */
export interface OfferedOrder<Action extends string> {
  readonly action: Action
  readonly label: string
  /** What it does, for who is about to give it. */
  readonly effect: string
  readonly tone: 'plain' | 'danger'
}

/** An order to an execution. */
export type ExecutionOrder = OfferedOrder<ExecutionAction['action']> & { readonly rollback?: boolean }
/** An order to a step. */
export type StepOrder = OfferedOrder<Exclude<StepAction['action'], 'adjust'>>

/** The orders that an execution can take as it stands. The server decides; this only keeps from asking in vain. */
export function ordersFor({ status }: Pick<Execution, 'status'>): readonly ExecutionOrder[] {
  const isCancellable = executionMayMove(status, 'cancelled')
  const orders: readonly (ExecutionOrder | false)[] = [
    status === 'running' && {
      action: 'pause',
      label: 'Pause',
      effect: 'Nothing new is started; what is under way ends.',
      tone: 'plain',
    },
    status === 'paused' && { action: 'resume', label: 'Resume', effect: 'It goes on.', tone: 'plain' },
    status === 'rollback_failed' && {
      action: 'retry-rollback',
      label: 'Retry the rollback',
      effect: 'Each UNDO that failed for good gets one more attempt.',
      tone: 'plain',
    },
    isCancellable && {
      action: 'cancel',
      rollback: true,
      label: 'Cancel and roll back',
      effect: 'It ends, and what was done is undone.',
      tone: 'danger',
    },
    isCancellable && {
      action: 'cancel',
      rollback: false,
      label: 'Cancel, and undo nothing',
      effect: 'It ends, and what was done stays as it is.',
      tone: 'danger',
    },
  ]
  return orders.filter((order) => order !== false)
}

/** The orders that a step of an execution can take as both stand. */
export function stepOrdersFor(
  { status }: Pick<Execution, 'status'>,
  step: Pick<Execution['steps'][number], 'status' | 'operationType'>,
): readonly StepOrder[] {
  const isTakenUp = status === 'rollback_failed' && step.operationType === 'UNDO'
  if (isEnded(status) && !isTakenUp) return []
  if (status === 'rolling_back' && step.operationType === 'DO') return []
  const orders: readonly (StepOrder | false)[] = [
    (step.status === 'error' || step.status === 'waiting_for_retry') && {
      action: 'retry',
      label: 'Retry',
      effect: step.status === 'error' ? 'It gets one more attempt.' : 'Its retry is made now.',
      tone: 'plain',
    },
    stepMayMove(step.status, 'skipped') && {
      action: 'skip',
      label: 'Skip',
      effect: 'The execution goes on without it.',
      tone: 'plain',
    },
    stepMayMove(step.status, 'resolved_manually') && {
      action: 'resolve',
      label: 'Resolve by hand',
      effect: 'It counts as done, with the output that you give.',
      tone: 'plain',
    },
  ]
  return orders.filter((order) => order !== false)
}
