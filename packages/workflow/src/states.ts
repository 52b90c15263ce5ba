/**
 * Every state of a step, in the words of the step result audit. The same table serves DO and UNDO, since an
 * UNDO is a step of its own.
 */
export const stepStates = [
  'pending',
  'enqueued',
  'in_progress',
  'enqueued_for_orchestration',
  'enqueued_as_error_for_orchestration',
  'waiting_for_retry',
  'complete',
  'error',
  'skipped',
  'cancelled',
  'resolved_manually',
] as const
export type StepState = (typeof stepStates)[number]

/** Every state of an execution. */
export const executionStates = [
  'pending',
  'running',
  'paused',
  'blocked',
  'rolling_back',
  'completed',
  'failed',
  'rollback_failed',
  'cancelled',
] as const
export type ExecutionState = (typeof executionStates)[number]

/** How an execution went, in a word. */
export const executionOutcomes = ['success', 'failed', 'partial'] as const
export type ExecutionOutcome = (typeof executionOutcomes)[number]

/** One allowed move of a step. `from: null` is its creation. */
export interface StepRule {
  readonly from: readonly (StepState | null)[]
  readonly to: StepState
  readonly by: string
}

/** One allowed move of an execution. `from: null` is its creation. */
export interface ExecutionRule {
  readonly from: readonly (ExecutionState | null)[]
  readonly to: ExecutionState
  readonly by: string
}

/**
 * Every move a step may make. The database, the deciding code and the page `states-and-lifecycles.md` are all
 * held against this table.
 */
export const stepRules: readonly StepRule[] = [
  { from: [null], to: 'pending', by: 'decision: the execution starts, or its rollback does' },
  { from: ['pending'], to: 'enqueued', by: 'decision: dependencies are satisfied' },
  { from: ['enqueued'], to: 'in_progress', by: "a worker's claim: attempt + 1, a new token" },
  { from: ['in_progress'], to: 'enqueued', by: "a worker's orderly release; the attempt is not counted" },
  { from: ['in_progress'], to: 'enqueued_for_orchestration', by: 'the worker reports success' },
  { from: ['in_progress'], to: 'enqueued_as_error_for_orchestration', by: 'the worker reports failure' },
  {
    from: ['in_progress'],
    to: 'waiting_for_retry',
    by: 'the clock: timeout or lost worker, outcome unknown, retries left',
  },
  { from: ['in_progress'], to: 'error', by: 'the clock: timeout or lost worker, outcome unknown, none left' },
  { from: ['enqueued_for_orchestration'], to: 'complete', by: 'decision' },
  {
    from: ['enqueued_as_error_for_orchestration'],
    to: 'waiting_for_retry',
    by: 'decision: retries left',
  },
  { from: ['enqueued_as_error_for_orchestration'], to: 'error', by: 'decision: none left' },
  { from: ['waiting_for_retry'], to: 'enqueued', by: "the clock: due; or an operator's “now”" },
  { from: ['error'], to: 'enqueued', by: 'an operator asks for another attempt' },
  {
    from: ['pending', 'waiting_for_retry', 'error'],
    to: 'skipped',
    by: 'decision (no undo defined), or an operator',
  },
  {
    from: [
      'pending',
      'enqueued',
      'in_progress',
      'enqueued_for_orchestration',
      'enqueued_as_error_for_orchestration',
      'waiting_for_retry',
      'error',
    ],
    to: 'resolved_manually',
    by: 'an operator, with the result to go on with',
  },
  {
    from: [
      'pending',
      'enqueued',
      'in_progress',
      'enqueued_for_orchestration',
      'enqueued_as_error_for_orchestration',
      'waiting_for_retry',
    ],
    to: 'cancelled',
    by: 'decision: the execution rolls back or is cancelled',
  },
]

/** Every move an execution may make. */
export const executionRules: readonly ExecutionRule[] = [
  { from: [null], to: 'pending', by: 'start' },
  { from: ['pending'], to: 'running', by: 'decision: the first steps are enqueued' },
  { from: ['running'], to: 'completed', by: 'decision: all steps are satisfied' },
  { from: ['running'], to: 'paused', by: 'an operator' },
  { from: ['paused'], to: 'running', by: 'an operator' },
  { from: ['running'], to: 'blocked', by: 'decision: a step that failed for good waits for an operator' },
  { from: ['blocked'], to: 'running', by: 'an operator' },
  {
    from: ['running', 'paused', 'blocked'],
    to: 'rolling_back',
    by: 'decision: a step failed for good; or a cancel with rollback',
  },
  {
    from: ['rolling_back'],
    to: 'rolling_back',
    by: 'decision: nothing is in flight any more; the UNDO steps are planned',
  },
  { from: ['rolling_back'], to: 'failed', by: 'decision: the last UNDO is done' },
  { from: ['rolling_back'], to: 'cancelled', by: 'decision: the last UNDO of a cancelled execution is done' },
  { from: ['rolling_back'], to: 'rollback_failed', by: 'decision: an UNDO failed for good' },
  { from: ['pending', 'running', 'paused', 'blocked'], to: 'cancelled', by: 'an operator or the caller' },
  { from: ['rollback_failed'], to: 'rolling_back', by: 'an operator takes up the rollback' },
]

/** States that satisfy a dependency. */
export const satisfyingStates = ['complete', 'skipped', 'resolved_manually'] as const satisfies StepState[]

/** States in which an execution has ended. An operator may take up one that ended in failure. */
export const endedStates = [
  'completed',
  'failed',
  'rollback_failed',
  'cancelled',
] as const satisfies ExecutionState[]

const isOneOf = <T extends string>(values: readonly T[], value: string): value is T =>
  (values as readonly string[]).includes(value)

/** Whether a step in this state lets the steps after it go on. */
export const isSatisfied = (state: StepState): boolean => isOneOf(satisfyingStates, state)

/** Whether an execution in this state has ended: nothing more happens unless an operator acts. */
export const isEnded = (state: ExecutionState): boolean => isOneOf(endedStates, state)

/** Whether a step may move so. */
export const stepMayMove = (from: StepState | null, to: StepState): boolean =>
  stepRules.some((rule) => rule.to === to && rule.from.includes(from))

/** Whether an execution may move so. */
export const executionMayMove = (from: ExecutionState | null, to: ExecutionState): boolean =>
  executionRules.some((rule) => rule.to === to && rule.from.includes(from))
