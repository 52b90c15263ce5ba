import type { Move } from '@steptrail/workflow'
import type { Query } from '../database/database.ts'
import { advanceExecution, type AdvancedExecution, type AdvanceEnvironment } from './advance-execution.ts'
import type { LoadedExecution } from './loaded-execution.ts'
import { type WriteEnvironment, writeExecutions, type WrittenExecutions } from './write-executions.ts'

/**
 * The moves to make of one execution: one that `loadExecutions` has read and locked in the same transaction, or
 * one that was read before, or is not stored yet, and is compared with what is stored.
 */
export interface ExecutionMoves {
  readonly execution: LoadedExecution
  readonly moves: readonly Move[]
}

/** What was made of the moves. */
export interface AppliedTransitions extends WrittenExecutions {
  readonly executions: readonly AdvancedExecution[]
}

/**
 * The one way in which executions and steps change state, set-wise: any number of executions, any number of
 * moves each. Every move is checked against the state tables and compared with what is stored; transitions,
 * sequence numbers, strictly increasing timestamps and the events that follow are written in the caller's
 * transaction, so that they commit or fail with it; the writing is one statement, so where all partitions are there
 * it may be a transaction of its own.
 *
 * @returns the executions as they are afterwards, and the partitions that the database was asked for: tell
 *   `environment.partitions` of them once the transaction has committed
 * @throws TrailError `illegal_transition` for a move that the tables do not allow; nothing is written
 * @throws TrailError `transition_conflict` when an execution or a step has moved since it was read; see
 *   `writeExecutions`
 */
export async function applyTransitions(
  tx: Query,
  changes: readonly ExecutionMoves[],
  environment: AdvanceEnvironment & WriteEnvironment,
): Promise<AppliedTransitions> {
  const advanced = changes
    .filter((change) => change.moves.length > 0)
    .map((change) => advanceExecution(change.execution, change.moves, environment))
  return { executions: advanced, ...(await writeExecutions(tx, advanced, environment)) }
}
