import { TrailError } from '@steptrail/event'
import type { Observation, ObservedEngine } from './observation.ts'
import { enqueueStep } from './attempt-moves.ts'
import { attemptFailed, beginAttempt, loseAttempts, stepFailed, stepSucceeded } from './observe-attempts.ts'
import {
  cancelled,
  cancelling,
  completed,
  failed,
  forgotten,
  giveUpAfterEnd,
  takenUp,
} from './observe-ends.ts'
import { signalled } from './observe-signals.ts'
import { type ObservedExecution, unknownExecution } from './observed-execution.ts'
import { storable } from './storable-observation.ts'

/**
 * Puts an observation on record: the moves that it means, in the states in which the execution is. What is known
 * already changes nothing. Secrets in its texts stay out, and what is too long is cut. A result that comes when its step was given up is refused, and on record as that.
 *
 * @throws TrailError `execution_not_found` for one that was not observed to start; `invalid_event` for a time that is none
 */
export function observe(execution: ObservedExecution, told: Observation, engine: ObservedEngine): void {
  requireTimes(told)
  const observation = storable(told, (text) => execution.redact(text))
  if (observation.kind === 'started') return start(execution, observation, engine)
  if (execution.status === null) throw unknownExecution(observation.execution)
  switch (observation.kind) {
    case 'step_enqueued':
      return enqueueStep(execution, observation)
    case 'signalled':
      return signalled(execution, observation, engine)
    case 'cancelling':
      return cancelling(execution, observation, engine)
    case 'attempt_started':
      beginAttempt(execution, observation, observation.at)
      return giveUpAfterEnd(execution, observation.at)
    case 'attempt_failed':
      return attemptFailed(execution, observation)
    case 'step_failed':
      return stepFailed(execution, observation)
    case 'step_succeeded':
      return stepSucceeded(execution, observation)
    case 'interrupted':
      return loseAttempts(execution, observation)
    case 'forgotten':
      return forgotten(execution, observation)
    case 'taken_up':
      return takenUp(execution, observation, engine)
    case 'completed':
      return completed(execution, observation)
    case 'failed':
      return failed(execution, observation)
    case 'cancelled':
      return cancelled(execution, observation, engine)
  }
}

function requireTimes(observation: Observation): void {
  const times = 'startedAt' in observation ? [observation.at, observation.startedAt] : [observation.at]
  if (times.every((time) => Number.isSafeInteger(time) && time >= 0)) return
  throw new TrailError(
    'invalid_event',
    `what was observed of execution ${observation.execution} happened at ${times.join(', ')}: give whole milliseconds since 1970`,
    { details: { execution: observation.execution, kind: observation.kind } },
  )
}

function start(
  execution: ObservedExecution,
  started: Extract<Observation, { readonly kind: 'started' }>,
  engine: ObservedEngine,
): void {
  if (execution.status !== null) return startAnew(execution, started, engine)
  execution.make(
    started.at,
    [
      { kind: 'execution', from: null, to: 'pending', context: {} },
      { kind: 'execution', from: 'pending', to: 'running', context: {} },
    ],
    () => ({
      inputDigest: started.inputDigest ?? undefined,
      engine: {
        name: engine.name,
        executionId: started.execution,
        capabilities: { ...engine.capabilities },
        ...(started.isBackfilled && { isBackfilled: true }),
      },
      notObservable: ['plan', ...(started.inputDigest === null ? ['input'] : [])],
    }),
  )
}

/** Its engine has the one before no more: that can go on no longer, and whoever looks for the new one finds it there. */
function startAnew(
  execution: ObservedExecution,
  { execution: id, at, actor, idReusedReason: reason }: Extract<Observation, { readonly kind: 'started' }>,
  engine: ObservedEngine,
): void {
  if (reason === undefined) return
  loseAttempts(execution, { execution: id, kind: 'interrupted', at, reason })
  takenUp(execution, { execution: id, kind: 'taken_up', at, actor, reason }, engine)
}
