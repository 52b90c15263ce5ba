/** Every move that a step may make: to each state, from which. The state tables of the runtime, for who verifies. */
export const stepMoves: Readonly<Record<string, readonly (string | null)[]>> = {
  pending: [null],
  enqueued: ['pending', 'in_progress', 'waiting_for_retry', 'error'],
  in_progress: ['enqueued'],
  enqueued_for_orchestration: ['in_progress'],
  enqueued_as_error_for_orchestration: ['in_progress'],
  waiting_for_retry: ['in_progress', 'enqueued_as_error_for_orchestration'],
  complete: ['enqueued_for_orchestration'],
  error: ['in_progress', 'enqueued_as_error_for_orchestration'],
  skipped: ['pending', 'waiting_for_retry', 'error'],
  resolved_manually: [
    'pending',
    'enqueued',
    'in_progress',
    'enqueued_for_orchestration',
    'enqueued_as_error_for_orchestration',
    'waiting_for_retry',
    'error',
  ],
  cancelled: [
    'pending',
    'enqueued',
    'in_progress',
    'enqueued_for_orchestration',
    'enqueued_as_error_for_orchestration',
    'waiting_for_retry',
  ],
}

/** States that satisfy the steps after. */
export const satisfied: readonly string[] = ['complete', 'skipped', 'resolved_manually']

/** The states that a step may come from; undefined for what is no state. */
export const mayComeFrom = (to: string): readonly (string | null)[] | undefined =>
  Object.hasOwn(stepMoves, to) ? stepMoves[to] : undefined

/** The states of an execution that has not ended. */
export const openStates: readonly string[] = ['pending', 'running', 'paused', 'blocked', 'rolling_back']

/** The ends of an execution, and the events that may end it so. */
export const endings: Readonly<Record<string, readonly string[]>> = {
  completed: ['ORCHESTRATION_COMPLETED'],
  failed: ['ROLLBACK_COMPLETED'],
  rollback_failed: ['ROLLBACK_FAILED'],
  cancelled: ['ROLLBACK_COMPLETED', 'ORCHESTRATION_CANCELLED'],
}

/** The events that may end an execution so; undefined for a status that is no end. */
export const endingsOf = (status: string): readonly string[] | undefined =>
  Object.hasOwn(endings, status) ? endings[status] : undefined
