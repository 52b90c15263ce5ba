import type { OpenAttempt } from './lane.ts'

/** What is read of a step's row. */
export interface StepUnderWay {
  readonly name: string
  readonly operationType: 'DO' | 'UNDO'
  readonly status: string
  readonly attempt: number
  readonly attemptStartedAt: string | null
  readonly workerUuid: string | null
}

/** What the rows of steps know of attempts that have no outcome on record. */
export const openAttemptsOf = (steps: readonly StepUnderWay[]): readonly OpenAttempt[] =>
  steps
    .filter(({ status, attemptStartedAt }) => status === 'in_progress' && attemptStartedAt !== null)
    .map((step) => ({
      stepName: step.name,
      operation: step.operationType,
      attempt: step.attempt,
      startedAt: Date.parse(step.attemptStartedAt ?? ''),
      cancelledAt: null,
      workerUuid: step.workerUuid,
    }))
