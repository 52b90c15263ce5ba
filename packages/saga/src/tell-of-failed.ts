import type { FailedDecision } from './decider.ts'

/** Tells of executions that could not be decided: once for all that failed for one and the same cause. */
export function tellOfFailed(
  failed: readonly FailedDecision[],
  onTrouble: (message: string, cause: unknown) => void,
): void {
  for (const [cause, group] of Map.groupBy(failed, (one) => one.cause)) {
    const what = group.length === 1 ? `execution ${group[0]?.executionId}` : `${group.length} executions`
    onTrouble(`${what} could not be decided`, cause)
  }
}
