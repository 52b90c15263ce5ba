import { type ExecutionSnapshot, isEnded, type Move, type StepSnapshot } from '@steptrail/workflow'
import type { Observation, ObservedEngine, ObservedStep } from './observation.ts'
import type { ObservedExecution } from './observed-execution.ts'

type Of<Kind extends Observation['kind']> = Extract<Observation, { readonly kind: Kind }>

/** An undo begins: the execution has failed, whatever its engine will call it in the end. */
export function beginRollback(execution: ObservedExecution, step: ObservedStep, at: number): void {
  if (execution.status !== 'running') return
  execution.make(
    at,
    [
      rollback(failureIn(execution, 'Undone by the workflow itself')),
      planned(step.undoes === null ? [] : [step.undoes]),
    ],
    ({ eventType }) => (eventType === 'ROLLBACK_STARTED' ? { notObservable: ['stepsToRollback'] } : {}),
  )
}

/** The engine calls it done; where it undid what it had done, it has failed and is rolled back. */
export function completed(
  execution: ObservedExecution,
  { at, result, engineOutcome, unseen }: Of<'completed'>,
): void {
  const { status } = execution
  if (status === null || isEnded(status)) return
  if (status === 'rolling_back') {
    execution.make(at, endOfRollback(execution), () => ({ engineOutcome: 'completed' }))
    return
  }
  execution.make(
    at,
    [...cancelSteps(execution), { kind: 'execution', from: status, to: 'completed', context: {} }],
    () => ({ outputDigest: outputDigestOf(result), engineOutcome, notObservable: unseen }),
  )
}

/** It failed; with nothing to undo, unless undoing has been seen. */
export function failed(execution: ObservedExecution, { at, error }: Of<'failed'>): void {
  const { status } = execution
  if (status === null || isEnded(status)) return
  const trigger =
    status === 'rolling_back' ? [] : [rollback(failureIn(execution, error.message)), planned([])]
  execution.make(at, [...trigger, ...cancelSteps(execution)], ({ eventType, details }) => {
    // It may be told by the step that failed, of which more is known.
    const isUnseen = error.isUnseen && details?.['errorMessage'] === error.message
    return eventType === 'ORCHESTRATION_FAILED' && isUnseen ? { notObservable: ['errorMessage'] } : {}
  })
  execution.make(at, endOfRollback(execution))
}

/** It was cancelled and undoes: who and why is on record where the engine shows it. */
export function cancelling(
  execution: ObservedExecution,
  { at, actor, reason }: Of<'cancelling'>,
  engine: ObservedEngine,
): void {
  if (execution.status !== 'running') return
  const context = { ...(actor && { actor }), ...(reason !== null && { reason }) }
  execution.make(
    at,
    [{ kind: 'execution', from: 'running', to: 'rolling_back', order: 'cancel', context }, planned([])],
    ({ eventType }) => {
      if (eventType === 'ROLLBACK_STARTED') return { notObservable: ['stepsToRollback'] }
      return unseenOf({ actor, reason }, engine)
    },
  )
}

/** Somebody cancelled it, or it ends as cancelled after it undid: as failed where a failure had begun that. */
export function cancelled(
  execution: ObservedExecution,
  { at, actor, reason, engineOutcome }: Of<'cancelled'>,
  engine: ObservedEngine,
): void {
  const { status } = execution
  if (status === null || isEnded(status)) return
  const outcome = engineOutcome === undefined ? {} : { engineOutcome }
  if (status === 'rolling_back') {
    execution.make(at, cancelSteps(execution))
    execution.make(at, endOfRollback(execution), () => ({ engineOutcome: engineOutcome ?? 'cancelled' }))
    return
  }
  execution.make(
    at,
    [
      ...cancelSteps(execution),
      {
        kind: 'execution',
        from: status,
        to: 'cancelled',
        order: 'cancel',
        context: { ...(actor && { actor }), ...(reason !== null && { reason }) },
      },
    ],
    () => ({ ...unseenOf({ actor, reason }, engine), ...outcome }),
  )
}

/** Nobody can tell how it ended: it is on record as given up, which says so of itself. */
export function forgotten(execution: ObservedExecution, { at, reason }: Of<'forgotten'>): void {
  const { status } = execution
  if (status === null || isEnded(status)) return
  const unseen = () => ({
    engineOutcome: 'not observable',
    notObservable: ['outcome', 'timestamp', 'actor', 'output'],
  })
  execution.make(at, cancelSteps(execution))
  if (status === 'rolling_back') return execution.make(at, endOfRollback(execution), unseen)
  execution.make(
    at,
    [{ kind: 'execution', from: status, to: 'cancelled', order: 'cancel', context: { reason } }],
    unseen,
  )
}

/** The engine lets one go on that had ended. */
export function takenUp(
  execution: ObservedExecution,
  { at, actor, reason }: Of<'taken_up'>,
  engine: ObservedEngine,
): void {
  const { status } = execution
  if (status === null || !isEnded(status)) return
  execution.takeUp(at, {
    actorType: actor?.type ?? null,
    actorId: actor?.id ?? null,
    reason,
    details: { before: status, after: 'running', ...unseenOf({ actor, reason }, engine) },
  })
}

/** The step that failed last and its error, or the workflow itself. */
function failureIn(
  execution: ObservedExecution,
  message: string,
): { readonly step: string; readonly message: string } {
  const { steps, definition } = execution.snapshot
  const failedStep = steps
    .filter(({ status, operation }) => status === 'error' && operation === 'DO')
    .toSorted((one, other) => (one.endedSeq ?? 0) - (other.endedSeq ?? 0))
    .at(-1)
  return failedStep
    ? { step: failedStep.name, message: failedStep.lastError ?? message }
    : { step: definition.name, message }
}

const rollback = (failure: { readonly step: string; readonly message: string }): Move => ({
  kind: 'execution',
  from: 'running',
  to: 'rolling_back',
  context: {},
  failure,
})

const planned = (plan: readonly string[]): Move => ({
  kind: 'execution',
  from: 'rolling_back',
  to: 'rolling_back',
  context: {},
  plan,
})

const endOfRollback = (execution: ObservedExecution): readonly Move[] => [
  {
    kind: 'execution',
    from: 'rolling_back',
    to: endAfterRollback(execution.snapshot),
    context: {},
  },
]

function endAfterRollback({
  steps,
  isCancelled,
}: ExecutionSnapshot): 'rollback_failed' | 'cancelled' | 'failed' {
  if (steps.some(isLeftUndone)) return 'rollback_failed'
  return isCancelled ? 'cancelled' : 'failed'
}

const isLeftUndone = ({ operation, status }: StepSnapshot): boolean =>
  operation === 'UNDO' && status !== 'complete'

/** What began before its execution ended, and is told of after that, is given up as the others were. */
export function giveUpAfterEnd(execution: ObservedExecution, at: number): void {
  const { status } = execution
  if (status !== null && isEnded(status)) execution.make(at, cancelSteps(execution))
}

/** What is under way when its execution ends is given up. */
const cancelSteps = (execution: ObservedExecution): readonly Move[] =>
  execution.snapshot.steps.flatMap(({ stepId, status, operation }) =>
    operation === 'DO' &&
    (status === 'in_progress' || status === 'waiting_for_retry' || status === 'enqueued')
      ? [{ kind: 'step', stepId, from: status, to: 'cancelled', context: {} } as const]
      : [],
  )

/** Of who and why, what the engine does not show; what it shows and nobody gave was not given. */
export function unseenOf(
  given: Readonly<Record<'actor' | 'reason', unknown>>,
  { capabilities }: ObservedEngine,
): { readonly notObservable?: readonly string[] } {
  const names = (['actor', 'reason'] as const).filter((name) => given[name] === null)
  return capabilities.actor || names.length === 0 ? {} : { notObservable: names }
}

/** What the engine stores of its output, where that names a SHA-256. */
const outputDigestOf = (result: unknown): string | undefined =>
  typeof result === 'object' && result !== null && 'sha256' in result && typeof result.sha256 === 'string'
    ? result.sha256
    : undefined
