import { isEnded } from '@steptrail/workflow'
import type { Observation, ObservedEngine, ObservedUpdate } from './observation.ts'
import { unseenOf } from './observe-ends.ts'
import type { ObservedExecution } from './observed-execution.ts'

/** Somebody sent something to an execution that goes on: who and what is on record, and nothing moves by that. */
export function signalled(
  execution: ObservedExecution,
  { at, signal, name, actor, reason, update }: Extract<Observation, { readonly kind: 'signalled' }>,
  engine: ObservedEngine,
): void {
  const { status } = execution
  if (status === null || isEnded(status)) return
  execution.signal(at, {
    actorType: actor?.type ?? null,
    actorId: actor?.id ?? null,
    reason,
    message: update ? `Update ${update.outcome}: ${name}` : messages[signal](name),
    details: { signal, name, ...(update && detailsOf(update)), ...unseenOf({ actor, reason }, engine) },
  })
}

const detailsOf = ({ id, outcome, error, resultDigest }: ObservedUpdate) => ({
  updateId: id,
  outcome,
  ...(error && { errorMessage: error.message }),
  ...(error?.code !== undefined && { errorCode: error.code }),
  ...(resultDigest !== undefined && { resultDigest }),
})

const messages = {
  signal: (name: string) => `Signalled: ${name}`,
  update: (name: string) => `Asked for an update: ${name}`,
  cancel: () => 'Asked to cancel',
} as const
