import type { AppliedTransitions, ExecutionMoves } from '@steptrail/core'
import { type Claim, claimOf, type ExecutionSnapshot, type Move } from '@steptrail/workflow'
import { enqueuedSteps } from './claiming.ts'

/** What was decided on one execution. */
export interface Decision {
  readonly executionId: string
  readonly moves: readonly Move[]
  /** Services that have new work because of it. */
  readonly services: readonly string[]
  /** What was claimed with it. */
  readonly claims: readonly Claim[]
}

/** What was decided, in the order of the changes. Of what called for no moves nothing was written. */
export function decisionsOf(
  changes: readonly ExecutionMoves[],
  { executions }: AppliedTransitions,
): readonly Decision[] {
  const after = new Map(executions.map((execution) => [execution.after.executionId, execution.after]))
  return changes.map(({ execution, moves }) => {
    const { snapshot, tenant } = execution
    const now = after.get(snapshot.executionId) ?? snapshot
    return {
      executionId: snapshot.executionId,
      moves,
      services: servicesWithWork(now, moves),
      claims: moves.flatMap((move) =>
        move.kind === 'step' && move.to === 'in_progress' ? [claimOf(now, tenant, move.stepId)] : [],
      ),
    }
  })
}

/** Services whose workers have something to claim because of these moves: after a pause, what was due before. */
function servicesWithWork(after: ExecutionSnapshot, moves: readonly Move[]): readonly string[] {
  const due = enqueuedSteps(moves)
  const isResumed = moves.some((move) => move.kind === 'execution' && move.from === 'paused')
  const names = new Set(
    after.steps
      .filter((step) => due.has(step.stepId) || (isResumed && step.status === 'enqueued'))
      .map((step) => step.name),
  )
  const services = after.definition.steps.filter((step) => names.has(step.name)).map((step) => step.service)
  return [...new Set(services)]
}
