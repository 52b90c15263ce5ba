import type { Move } from '@steptrail/workflow'
import type { Query } from '../database/database.ts'
import type { PartitionMonth } from '../partition/ensure-partitions.ts'
import { advanceExecution, type AdvancedExecution, type AdvanceEnvironment } from './advance-execution.ts'
import type { LoadedExecution } from './loaded-execution.ts'
import { writeExecutions } from './write-executions.ts'

/** The moves to make of one execution, which `loadExecutions` has read and locked in the same transaction. */
export interface ExecutionMoves {
  readonly execution: LoadedExecution
  readonly moves: readonly Move[]
}

/** What was made of the moves. */
export interface AppliedTransitions {
  readonly executions: readonly AdvancedExecution[]
  readonly asked: readonly PartitionMonth[]
}

/**
 * The one way in which executions and steps change state, set-wise: any number of executions, any number of
 * moves each. Every move is checked against the state tables and compared with what is stored; transitions,
 * sequence numbers, strictly increasing timestamps and the events that follow are written in the caller's
 * transaction, so that they commit or fail with it.
 *
 * @returns the executions as they are afterwards, and the partitions that the database was asked for: tell
 *   `environment.partitions` of them once the transaction has committed
 * @throws TrailError `illegal_transition` for a move that the tables do not allow; nothing is written
 * @throws TrailError `transition_conflict` when a step moved since it was read; roll back and decide anew
 */
export async function applyTransitions(
  tx: Query,
  changes: readonly ExecutionMoves[],
  environment: AdvanceEnvironment,
): Promise<AppliedTransitions> {
  const advanced = changes
    .filter((change) => change.moves.length > 0)
    .map((change) => advanceExecution(change.execution, change.moves, environment))
  const asked = await writeExecutions(tx, advanced, environment)
  return { executions: advanced, asked }
}
