/** What an execution loses of its effectiveness for each retry and each step that was rolled back. */
export interface EffectivenessParameters {
  /** For each retry of a step; 0 to 1. */
  readonly retryPenalty: number
  /** For each step that was rolled back; 0 to 1. */
  readonly rollbackPenalty: number
}

/** What counts for the effectiveness of an execution. */
export interface EffectivenessFacts {
  readonly totalSteps: number
  /** Steps that ended complete, whether or not they were undone later. */
  readonly stepsCompleted: number
  /** Retries made, over all steps. */
  readonly retries: number
  /** Steps that were rolled back. */
  readonly rollbacks: number
}

/** Five hundredths for a retry, a tenth for a rollback. */
export const defaultEffectiveness: EffectivenessParameters = { retryPenalty: 0.05, rollbackPenalty: 0.1 }

/**
 * How well an execution went, from 0 to 1: the share of its steps that completed, less the penalties for what it
 * took. 0 where there are no steps.
 */
export function effectivenessOf(
  { totalSteps, stepsCompleted, retries, rollbacks }: EffectivenessFacts,
  { retryPenalty, rollbackPenalty }: EffectivenessParameters = defaultEffectiveness,
): number {
  if (totalSteps === 0) return 0
  const score = stepsCompleted / totalSteps - retryPenalty * retries - rollbackPenalty * rollbacks
  return Math.min(1, Math.max(0, score))
}
